/** A text that was read, with the name that messages call it by. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

/** Where something stands, as an offset into its source. */
export interface Place {
  readonly source: Source;
  readonly offset: number;
}

/** What a YAML document says, with the place of everything, aliases and merges already resolved. */
export type Tree = MapTree | ListTree | ScalarTree;

export interface MapTree {
  readonly kind: 'map';
  readonly place: Place;
  readonly entries: readonly Entry[];
}

export interface Entry {
  readonly key: string;
  readonly key_place: Place;
  readonly value: Tree;
}

export interface ListTree {
  readonly kind: 'list';
  readonly place: Place;
  readonly items: readonly Tree[];
}

export interface ScalarTree {
  readonly kind: 'scalar';
  readonly place: Place;
  readonly value: string | number | boolean | null;
  /** As it is written, so that the version 1.10 stays 1.10 where text is wanted. */
  readonly written: string;
  /** Was it a `${…}`, or did it hold one? Then this is how it was written: the value itself may be secret. */
  readonly substituted_from: string | null;
  /** What stood here was complained about; nothing more needs to be said. */
  readonly broken?: true;
}

/** Line and column of a place, both from 1, columns in characters. */
export function positionOf(place: Place): { line: number; column: number } {
  const before = place.source.text.slice(0, place.offset);
  const lines = before.split('\n');
  return { line: lines.length, column: [...(lines.at(-1) as string)].length + 1 };
}

/** The value under a key, or null. */
export function childOf(tree: Tree, key: string): Tree | null {
  if (tree.kind !== 'map') return null;
  return tree.entries.find((entry) => entry.key === key)?.value ?? null;
}

/** How many maps, lists and scalars it is made of. */
export function countNodes(tree: Tree): number {
  if (tree.kind === 'scalar') return 1;
  const children = tree.kind === 'map' ? tree.entries.map((entry) => entry.value) : tree.items;
  return children.reduce((sum, child) => sum + countNodes(child), 1);
}

/** In a sentence, without any secret: `the number 5`, `a list`, `the value of ${NAME}`. */
export function describe(tree: Tree): string {
  if (tree.kind !== 'scalar') return `a ${tree.kind}`;
  if (tree.substituted_from !== null) return `the value of ${tree.substituted_from}`;
  if (tree.value === null) return 'nothing';
  if (typeof tree.value === 'number') return `the number ${shorten(tree.written)}`;
  return quote(tree.written);
}

/** A text of the file in quotes, on one line, shortened when long. */
export function quote(text: string): string {
  return `"${shorten(text)}"`;
}

function shorten(text: string): string {
  const line = text.replace(/\p{C}/gu, '·');
  const characters = [...line.slice(0, 200)];
  return characters.length > 60 ? `${characters.slice(0, 57).join('')}…` : line;
}
