import { formatPath } from '../../schema/path.ts';
import { Problems } from '../../schema/yaml/problems.ts';
import type { MapTree, Place } from '../../schema/yaml/tree.ts';

/** Problems of a file's jobs. What all jobs take from the top is told there, and not again for each of them. */
export class SharedPlaces extends Problems {
  readonly #all: Problems;
  readonly #file: MapTree;
  readonly #unset = new Set<string>();

  constructor(all: Problems, file: MapTree) {
    super();
    this.#all = all;
    this.#file = file;
  }

  override add(place: Place, path: string, message: string, extra?: Parameters<Problems['add']>[3]): void {
    const top = this.#topKey(place);
    const own = top === null ? path : path.replace(/^jobs(\.[\w+/-]+|\["(?:[^"\\]|\\.)*"\])\.?/, '');
    const isShared = own !== path && (own === top || own.startsWith(`${top}.`) || own.startsWith(`${top}[`));
    // The same variable: jobs with a matrix are told of the matrix, too.
    const [variable, rest] = message.split(' is not set ', 2);
    const key = `${place.offset} ${variable}`;
    if (isShared && rest !== undefined) {
      if (this.#unset.has(key)) return;
      this.#unset.add(key);
    }
    this.#all.add(place, isShared ? own : path, message, extra);
  }

  /** The key at the top of the file under which something stands, when it is not in a job. */
  #topKey({ source, offset }: Place): string | null {
    const before = this.#file.entries.filter(
      ({ key_place }) => key_place.source === source && key_place.offset <= offset,
    );
    const key = before.toSorted((left, right) => left.key_place.offset - right.key_place.offset).at(-1)?.key;
    return key === undefined || key === 'jobs' ? null : formatPath([key]);
  }
}
