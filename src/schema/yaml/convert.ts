import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import type { Problems } from './problems.ts';
import { type Entry, type Place, positionOf, quote, type ScalarTree, type Source, type Tree } from './tree.ts';

/** Most values of a document once its aliases are resolved: an alias bomb stops here. */
const MAX_NODES = 100_000;
/** Deepest nesting once aliases are resolved: everything that looks at a tree recurses this far. */
const MAX_DEPTH = 100;
/** Most characters of all values together, aliases resolved. */
const MAX_CHARACTERS = 10 * 2 ** 20;
const STANDARD_TAG = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;

/** Turns the parser's document into a tree, and says what cannot be used: tags, unknown aliases, odd and double keys. */
export function convert(document: Document.Parsed, source: Source, problems: Problems): Tree | null {
  return new Converter(source, problems).whole(document.contents);
}

class TooLarge extends Error {}

class Converter {
  private readonly source: Source;
  private readonly problems: Problems;
  private readonly anchors = new Map<string, Node>();
  /** Anchors that are being resolved: an alias inside its own value has no end. */
  private readonly open = new Set<Node>();
  private nodes = 0;
  private depth = 0;
  private characters = 0;

  constructor(source: Source, problems: Problems) {
    this.source = source;
    this.problems = problems;
  }

  whole(contents: Node | null): Tree | null {
    try {
      return this.tree(contents, { source: this.source, offset: 0 });
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error;
      this.problems.add(
        { source: this.source, offset: 0 },
        '',
        'it is too large, or nested too deeply, once its aliases are resolved',
      );
      return null;
    }
  }

  private place(node: Node, otherwise: Place): Place {
    return node.range ? { source: this.source, offset: node.range[0] } : otherwise;
  }

  private tree(node: Node | null, otherwise: Place): Tree {
    this.nodes += 1;
    if (this.nodes > MAX_NODES || this.depth > MAX_DEPTH) throw new TooLarge();
    if (node === null) return emptyScalar(otherwise);
    const place = this.place(node, otherwise);
    if (isAlias(node)) return this.alias(node, place);
    if (this.hasOddProperties(node, place)) return brokenScalar(place);
    if (node.anchor !== undefined) this.anchors.set(node.anchor, node);
    this.open.add(node);
    this.depth += 1;
    const tree = this.content(node, place);
    this.depth -= 1;
    this.open.delete(node);
    return tree;
  }

  private content(node: Node, place: Place): Tree {
    if (isMap(node)) return { kind: 'map', place, entries: this.entries(node, place) };
    if (isSeq(node)) return { kind: 'list', place, items: node.items.map((item) => this.tree(item as Node, place)) };
    return this.scalar(node as Scalar, place);
  }

  /** `!arm` and `&& x` mean something in YAML that nobody who writes a label expression thinks of. */
  private hasOddProperties(node: Node, place: Place): boolean {
    const tag = node.tag !== undefined && !STANDARD_TAG.test(node.tag);
    const anchor = !isAlias(node) && node.anchor !== undefined && !/^[\w.-]+$/.test(node.anchor as string);
    if (!tag && !anchor) return false;
    const from = this.propertyPlace(place);
    const written = this.source.text.slice(from.offset, node.range?.[1]);
    const what = written.startsWith('!') ? 'begins with ! is a tag' : 'begins with & is an anchor';
    this.problems.add(from, '', `a value that ${what} in YAML; put text in quotes: ${quote(written)}`);
    return true;
  }

  /** Tags and anchors stand before the value that they belong to, mostly on its line. */
  private propertyPlace(place: Place): Place {
    const lineStart = this.source.text.lastIndexOf('\n', place.offset - 1) + 1;
    const before = this.source.text.slice(lineStart, place.offset);
    const found = before.search(/[!&]/);
    return found === -1 ? place : { source: this.source, offset: lineStart + found };
  }

  private alias(node: Alias, place: Place): Tree {
    const target = this.anchors.get(node.source);
    if (target === undefined) {
      const message = `there is no anchor &${node.source} above; put text that begins with * in quotes: ${quote(`*${node.source}`)}`;
      this.problems.add(place, '', message);
      return brokenScalar(place);
    }
    if (this.open.has(target)) {
      this.problems.add(place, '', `*${node.source} stands inside its own value`);
      return brokenScalar(place);
    }
    return this.tree(target, place);
  }

  private scalar(node: Scalar, place: Place): Tree {
    const written = node.source ?? String(node.value);
    this.characters += written.length;
    if (this.characters > MAX_CHARACTERS) throw new TooLarge();
    if (/\0|\p{Surrogate}/u.test(written)) {
      this.problems.add(place, '', 'this text holds a character that no text has (an escape such as \\0)');
      return brokenScalar(place);
    }
    // What is neither text, number, boolean nor null comes from a tag that was reported.
    const value = node.value as string | number | boolean | null;
    return { kind: 'scalar', place, value, written, substituted_from: null };
  }

  private entries(map: YAMLMap, place: Place): Entry[] {
    const entries = new Map<string, Entry>();
    const merged: Entry[] = [];
    for (const pair of map.items) {
      const keyNode = pair.key as Node;
      const keyPlace = this.place(keyNode, place);
      const value = this.tree(pair.value as Node | null, keyPlace);
      if (!isScalar(keyNode)) {
        this.problems.add(keyPlace, '', 'a key must be plain text; put it in quotes');
        continue;
      }
      const key = String(keyNode.source ?? keyNode.value);
      if (key === '<<') merged.push(...this.mergedEntries(value, keyPlace));
      else this.addEntry(entries, { key, key_place: keyPlace, value });
    }
    for (const entry of merged) if (!entries.has(entry.key)) entries.set(entry.key, entry);
    return [...entries.values()];
  }

  private addEntry(entries: Map<string, Entry>, entry: Entry): void {
    const earlier = entries.get(entry.key);
    if (earlier === undefined) {
      entries.set(entry.key, entry);
      return;
    }
    const { line } = positionOf(earlier.key_place);
    this.problems.add(entry.key_place, '', `the key ${quote(entry.key)} is already given on line ${line}`);
  }

  /** `<<: *base`: the entries of another map, or of several, unless they are given here. */
  private mergedEntries(value: Tree, keyPlace: Place): Entry[] {
    const maps = value.kind === 'list' ? value.items : [value];
    if (maps.some((map) => map.kind !== 'map')) {
      this.problems.add(keyPlace, '', '"<<" takes the alias of a map, for example: <<: *defaults');
    }
    return maps.flatMap((map) => (map.kind === 'map' ? map.entries : []));
  }
}

function emptyScalar(place: Place): ScalarTree {
  return { kind: 'scalar', place, value: null, written: '', substituted_from: null };
}

function brokenScalar(place: Place): ScalarTree {
  return { ...emptyScalar(place), broken: true };
}
