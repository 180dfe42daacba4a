import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packStatuses } from '../packed/statuses.ts';
import { CHANGE_KINDS, STATUS_BYTE } from '../results/state.ts';
import { align } from './align.ts';
import { classify } from './classify.ts';
import { type ListedChunk, walk } from './walk.ts';

/** A list as the walk sees it: tests are numbers, cut into chunks where a number says so. */
function listOf(tests: ReadonlyMap<number, number>): { chunks: ListedChunk[]; numbers: number[] } {
  const numbers = [...tests.keys()].sort((left, right) => left - right);
  const chunks: ListedChunk[] = [];
  let open: number[] = [];
  const close = (start: number): void => {
    if (open.length === 0) return;
    const statuses = packStatuses(Uint8Array.from(open, (number) => tests.get(number) as number));
    chunks.push({ chunk_id: chunkId(open), start: start - open.length, tests: open.length, statuses });
    open = [];
  };
  for (const [index, number] of numbers.entries()) {
    open.push(number);
    if (number % 5 === 0) close(index + 1);
  }
  close(numbers.length);
  return { chunks, numbers };
}

const contents = new Map<string, number>();
const numbersOf = new Map<number, number[]>();

/** Chunks of the same content have the same identity. */
function chunkId(numbers: number[]): number {
  const text = numbers.join();
  const id = contents.get(text) ?? contents.size + 1;
  contents.set(text, id);
  numbersOf.set(id, numbers);
  return id;
}

/** Fingerprints whose low halves are all different, or, with `collide`, often the same. */
function loader(collide: boolean, asked: string[]) {
  return async (chunk_ids: readonly number[], halves: 'low' | 'both') => {
    asked.push(halves);
    return new Map(
      chunk_ids.map((id) => {
        const numbers = numbersOf.get(id) as number[];
        const low = numbers.map((number) => (collide ? number % 3 : Math.imul(number, 2_654_435_761) >>> 0));
        return [id, Uint32Array.from(halves === 'both' ? [...low, ...numbers.map((number) => number << 11)] : low)];
      }),
    );
  };
}

const status = fc.oneof({ weight: 6, arbitrary: fc.constant(STATUS_BYTE.pass) }, fc.integer({ min: 1, max: 6 }));
const tests = (most: number) =>
  fc.array(fc.tuple(fc.nat(300), status), { maxLength: most }).map((pairs) => new Map(pairs));

describe('walk', () => {
  it('finds what comparing test by test finds', async () => {
    await fc.assert(
      fc.asyncProperty(tests(200), tests(60), fc.array(fc.nat(300), { maxLength: 20 }), async (from, other, gone) => {
        const to = new Map([...from, ...other]);
        for (const number of gone) to.delete(number);
        const [left, right] = [listOf(from), listOf(to)];
        const found = await walk(left.chunks, right.chunks, loader(false, []));
        const expected = right.numbers.flatMap((number, position) => {
          const [before, after] = [from.get(number), to.get(number) as number];
          const kind = before === undefined ? null : classify(before, after);
          const changed = before !== after || after === STATUS_BYTE.flaky;
          if (kind === null || !changed) return [];
          const from_position = left.numbers.indexOf(number);
          return [{ word: 0, kind, from_position, to_position: position, from_status: before, to_status: after }];
        });
        const byPosition = (a: { to_position: number }, b: { to_position: number }): number =>
          a.to_position - b.to_position;
        expect(found.changed.sort(byPosition)).toEqual(expected);
        const only = (numbers: number[], other: Map<number, number>): number[] =>
          numbers.flatMap((number, position) => (other.has(number) ? [] : [position]));
        expect(found.only_from.map((single) => single.position)).toEqual(only(left.numbers, to));
        expect(found.only_to.map((single) => single.position)).toEqual(only(right.numbers, from));
      }),
    );
  });

  it('reads no fingerprints of lists that are the same', async () => {
    const asked: string[] = [];
    const list = new Map(Array.from({ length: 100 }, (_, number) => [number, STATUS_BYTE.pass]));
    const other = new Map([...list, [17, STATUS_BYTE.fail]]);
    const found = await walk(listOf(list).chunks, listOf(other).chunks, loader(false, asked));
    expect(found.changed).toMatchObject([{ kind: 'regression', from_position: 17, to_position: 17 }]);
    expect(asked).toEqual([]);
  });

  it('takes both halves when so much differs that low ones may mislead', async () => {
    const asked: string[] = [];
    const from = new Map(Array.from({ length: 9000 }, (_, index) => [2 * index, STATUS_BYTE.pass]));
    const to = new Map(Array.from({ length: 9000 }, (_, index) => [2 * index + 1, STATUS_BYTE.pass]));
    const found = await walk(listOf(from).chunks, listOf(to).chunks, loader(false, asked));
    expect(asked).toEqual(['low', 'both']);
    expect([found.changed.length, found.only_from.length, found.only_to.length]).toEqual([0, 9000, 9000]);
  });
});

describe('align', () => {
  it('visits every test once, in order, with both halves exactly', () => {
    const list = fc.uniqueArray(fc.nat(500), { maxLength: 150 }).map((numbers) => numbers.sort((a, b) => a - b));
    fc.assert(
      fc.property(list, list, (left, right) => {
        const halves = (numbers: number[]) => ({
          // Low halves that say almost nothing.
          low: Uint32Array.from(numbers, (number) => number % 2),
          high: Uint32Array.from(numbers, (number) => number << 11),
        });
        const seen = { same: [] as number[], left: [] as number[], right: [] as number[] };
        const complete = align(halves(left), halves(right), {
          same(first, second, length) {
            expect(left.slice(first, first + length)).toEqual(right.slice(second, second + length));
            seen.same.push(...left.slice(first, first + length));
          },
          onlyLeft: (index) => seen.left.push(left[index] as number),
          onlyRight: (index) => seen.right.push(right[index] as number),
        });
        expect(complete).toBe(true);
        expect(seen).toEqual({
          same: left.filter((number) => right.includes(number)),
          left: left.filter((number) => !right.includes(number)),
          right: right.filter((number) => !left.includes(number)),
        });
      }),
    );
  });
});

describe('classify', () => {
  const { pass, fail, skip, xfail, error, flaky } = STATUS_BYTE;

  it('knows regressions and fixes, and nothing else that fails', () => {
    expect(classify(pass, fail)).toBe('regression');
    expect(classify(fail, pass)).toBe('fix');
    expect(classify(xfail, pass)).toBe('fix');
    for (const [from, to] of [
      [pass, error],
      [error, fail],
      [skip, fail],
      [pass, skip],
      [pass, xfail],
      [error, pass],
      [fail, fail],
    ]) {
      expect(classify(from as number, to as number)).toBeNull();
    }
  });

  it('never makes a regression or a fix of a flaky test', () => {
    for (const other of Object.values(STATUS_BYTE)) {
      expect(['flaky', null]).toContain(classify(flaky, other));
      expect(classify(other, flaky)).toBe('flaky');
    }
    expect(CHANGE_KINDS).toContain(classify(flaky, fail));
  });
});
