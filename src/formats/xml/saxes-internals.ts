import { SaxesParser } from 'saxes';
import type { Attribute } from './contract.ts';

/** An open element. */
interface Tag {
  name: string;
  attributes: unknown;
  isSelfClosing?: boolean;
}

/**
 * The parts of saxes 6.0.0 that bounded memory and speed need and that its types hide. The version is pinned, and a test
 * of this folder fails when the file that is installed is any other one.
 */
interface SaxesInternals {
  chunk: string;
  i: number;
  prevI: number;
  column: number;
  line: number;
  text: string;
  name: string;
  entity: string;
  piTarget: string;
  state: number;
  tag: Tag | null;
  tags: Tag[];
  attribList: Attribute[];
  stateTable: (() => void)[];
  write(text: string | null): unknown;
  on(event: 'opentagstart' | 'doctype', handler: () => void): void;
  on(event: 'attribute', handler: (attribute: Attribute) => void): void;
  on(event: 'opentag', handler: (tag: { name: string; attributes: unknown }) => void): void;
  on(event: 'closetag', handler: (tag: { name: string }) => void): void;
  on(event: 'text' | 'cdata', handler: (text: string) => void): void;
  fail(message: string): unknown;
  pushAttrib(name: string, value: string): void;
  processAttribsPlain(): void;
  captureNameChars(): number;
  closeTag(): void;
  sAttrib(): void;
  sOpenWaka(): void;
  openTagHandler?: (tag: Tag) => void;
  closeTagHandler?: (tag: Tag) => void;
  textHandler?: (text: string) => void;
  sAttribValueClosed(): void;
  sText(): void;
  sCData(): void;
  sComment(): void;
  sPIBody(): void;
}

const OpenedParser = SaxesParser as unknown as new (options: { position: false }) => SaxesInternals;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const SLASH = 0x2f;
const LESS = 0x3c;
const EQUAL = 0x3d;
const GREATER = 0x3e;

/**
 * The parser made several times as fast on the plain parts of a document without changing what it accepts. What lies
 * whole in the chunk and is written the plain way (spaces between tags, tags inside the root element whose attributes
 * are `name="value"` without references or control characters) is taken at once; everything else, and whatever a chunk
 * cuts, goes the parser's own way. Attributes stay the list that they are collected in.
 */
export class TunedParser extends OpenedParser {
  /** Used again for every element; more attributes than this take the parser's own way, where they are counted. */
  readonly #plain: Attribute[] = Array.from({ length: 16 }, () => ({ name: '', value: '' }));
  readonly #text: number;
  readonly #openWaka: number;
  /** The chunk's code units: reading them here costs a fraction of `charCodeAt`, which looks at the string each time. */
  #codes = new Uint16Array(0);
  #isCoded = false;

  constructor() {
    super({ position: false });
    this.#text = this.stateTable.indexOf(this.sText);
    this.#openWaka = this.stateTable.indexOf(this.sOpenWaka);
  }

  override write(text: string | null): unknown {
    this.#isCoded = false;
    return super.write(text);
  }

  /** Text: as a rule nothing but spaces up to the next tag. */
  override sText(): void {
    const { chunk } = this;
    const codes = this.#codesOf(chunk);
    let at = this.i;
    let { line, column } = this;
    let code = codes[at];
    while (code === SPACE || code === NEWLINE) {
      if (code === NEWLINE) {
        line++;
        column = 0;
      } else column++;
      code = codes[++at];
    }
    if (code !== LESS || this.text !== '' || this.tags.length === 0) {
      super.sText();
      return;
    }
    if (at > this.i) this.textHandler?.(chunk.slice(this.i, at));
    this.line = line;
    this.column = column + 1;
    this.prevI = at;
    this.i = at + 1;
    this.state = this.#openWaka;
  }

  /** After a `<`. */
  override sOpenWaka(): void {
    const codes = this.#codesOf(this.chunk);
    const isTaken =
      this.tags.length > 0 && (codes[this.i] === SLASH ? this.#plainClose(codes) : this.#plainOpen(codes));
    if (!isTaken) super.sOpenWaka();
  }

  #plainClose(codes: Uint16Array): boolean {
    const tag = this.tags[this.tags.length - 1] as Tag;
    const start = this.i + 1;
    const end = start + tag.name.length;
    if (this.tags.length < 2 || codes[end] !== GREATER || !standsAt(tag.name, codes, start)) return false;
    this.tags.pop();
    this.tag = tag;
    this.#taken(end + 1);
    this.closeTagHandler?.(tag);
    return true;
  }

  #plainOpen(codes: Uint16Array): boolean {
    const { chunk } = this;
    const start = this.i;
    let at = endOfName(codes, start);
    if (at === start) return false;
    const name = knownName(chunk, codes, start, at);
    let count = 0;
    let code = codes[at];
    while (code === SPACE) {
      while (codes[at] === SPACE) at++;
      const equal = endOfName(codes, at);
      if (equal === at) {
        code = codes[at];
        break;
      }
      if (codes[equal] !== EQUAL || codes[equal + 1] !== QUOTE) return false;
      const end = endOfPlainValue(codes, equal + 2);
      if (end === -1 || count === this.#plain.length) return false;
      const attribute = this.#plain[count++] as Attribute;
      attribute.name = knownName(chunk, codes, at, equal);
      attribute.value = chunk.slice(equal + 2, end);
      at = end + 1;
      code = codes[at];
    }
    const isSelfClosing = code === SLASH && codes[at + 1] === GREATER;
    if (code !== GREATER && !isSelfClosing) return false;
    this.#taken(isSelfClosing ? at + 2 : at + 1);
    this.#opened({ name, attributes: this.#plain.slice(0, count), isSelfClosing });
    return true;
  }

  #opened(tag: Tag): void {
    this.openTagStart(tag.name);
    this.openTagHandler?.(tag);
    if (tag.isSelfClosing) this.closeTagHandler?.(tag);
    else {
      this.tags.push(tag);
      this.tag = tag;
    }
  }

  /** Told of every element before its handler; may throw. */
  openTagStart(_name: string): void {}

  /** Everything before this place is read; text follows. */
  #taken(end: number): void {
    this.column += end - this.i;
    this.prevI = end - 1;
    this.i = end;
    this.state = this.#text;
  }

  override processAttribsPlain(): void {
    const list = this.attribList;
    for (let index = 1; index < list.length; index++) {
      const name = list[index]?.name;
      for (let before = 0; before < index; before++) {
        if (list[before]?.name === name) this.fail('duplicate attribute');
      }
    }
    if (this.tag !== null) this.tag.attributes = list;
    this.attribList = [];
  }

  override captureNameChars(): number {
    const { chunk, i } = this;
    const codes = this.#codesOf(chunk);
    const end = endOfName(codes, i);
    const code = codes[end] as number;
    // Only what surely ends a name is decided here.
    if (end === i || !(code === EQUAL || code === GREATER || code === SLASH || code === SPACE)) {
      return super.captureNameChars();
    }
    this.name += chunk.slice(i, end);
    this.column += end - i + 1;
    this.prevI = end;
    this.i = end + 1;
    return code;
  }

  /** The chunk's code units and a zero, which ends whatever is read plainly. */
  #codesOf(chunk: string): Uint16Array {
    if (!this.#isCoded) {
      const { length } = chunk;
      if (this.#codes.length <= length) this.#codes = new Uint16Array(length + 1);
      Buffer.from(this.#codes.buffer).write(chunk, 'utf16le');
      this.#codes[length] = 0;
      this.#isCoded = true;
    }
    return this.#codes;
  }
}

/** Names that occur a million times, by their length: no need for a new string each time. */
const KNOWN_NAMES: readonly (readonly string[])[] = [
  ...[[], [], [], [], ['name', 'time', 'file', 'line'], ['error'], ['status', 'result'], ['failure']],
  ...[['testcase'], ['classname', 'testsuite'], ['testsuites']],
];

function knownName(chunk: string, codes: Uint16Array, start: number, end: number): string {
  for (const name of KNOWN_NAMES[end - start] ?? []) if (standsAt(name, codes, start)) return name;
  return chunk.slice(start, end);
}

function standsAt(name: string, codes: Uint16Array, start: number): boolean {
  for (let index = 0; index < name.length; index++) {
    if (codes[start + index] !== name.charCodeAt(index)) return false;
  }
  return true;
}

/** Where the ASCII letters that begin here end. */
function endOfName(codes: Uint16Array, start: number): number {
  let end = start;
  for (;;) {
    const letter = (codes[end] as number) | 0x20;
    if (letter < 0x61 || letter > 0x7a) return end;
    end++;
  }
}

/** Where the closing quote is; -1 when it is not in this chunk or the value needs a careful look. */
function endOfPlainValue(codes: Uint16Array, start: number): number {
  for (let end = start; ; end++) {
    const code = codes[end] as number;
    if (code === QUOTE) return end;
    const isPlain = code >= SPACE && code < 0x7f && code !== 0x26 && code !== 0x3c;
    if (!isPlain && !(code > 0x9f && code < 0xd800 && code !== 0x2028)) return -1;
  }
}
