import type { ParseLimits } from '../contract.ts';
import { ParseStop } from '../problem.ts';
import type { Attribute, XmlHandler, XmlReader } from './contract.ts';
import { TunedParser } from './saxes-internals.ts';

/** Slips of writers that lose nothing: control characters, references to them, unknown entities. They are kept as text. */
const HARMLESS = new Set([
  'disallowed character.',
  'malformed character entity.',
  'undefined entity.',
  'disallowed character in entity name.',
  'empty entity name.',
  'duplicate attribute',
  'the string "]]>" is disallowed in char data.',
]);

/** Longest text that the parser may hold; longer pieces are handed on as they come. */
const HELD_CHARACTERS = 64 * 1024;
const LESS_THAN = 0x3c;

/** The parser with our rules: what is harmless goes on, a document type declaration ends it. */
class BoundedParser extends TunedParser {
  readonly #limits: ParseLimits;
  readonly #handler: XmlHandler;
  readonly #flushable: ReadonlySet<number>;
  readonly #discarded: ReadonlySet<number>;

  constructor(handler: XmlHandler, limits: ParseLimits) {
    super();
    this.#limits = limits;
    this.#handler = handler;
    this.#flushable = new Set([this.stateTable.indexOf(this.sText), this.stateTable.indexOf(this.sCData)]);
    this.#discarded = new Set([this.stateTable.indexOf(this.sComment), this.stateTable.indexOf(this.sPIBody)]);
  }

  override fail(message: string): this {
    const isMarkup = message === 'disallowed character.' && this.chunk.charCodeAt(this.prevI) === LESS_THAN;
    if (HARMLESS.has(message) && !isMarkup) return this;
    throw this.stop(isMarkup ? 'a "<" inside an attribute' : message.replace(/\.$/, ''));
  }

  override openTagStart(): void {
    const { depth } = this.#limits;
    if (this.tags.length >= depth) throw this.stop(`elements are nested more than ${depth} deep`, 'GC1704');
  }

  /** Checked before anybody is told that the element is closed. */
  override closeTag(): void {
    const open = this.tags.at(-1)?.name;
    if (open !== this.name) {
      throw this.stop(open === undefined ? `</${shown(this.name)}> closes nothing` : wrongClose(this.name, open));
    }
    super.closeTag();
  }

  /** A problem at the place that was read last. */
  stop(problem: string, code: 'GC1701' | 'GC1704' = 'GC1701'): ParseStop {
    return new ParseStop(code, problem, this.line, this.column + 1);
  }

  /** Between chunks: nothing that the parser holds may grow without end. */
  bound(): void {
    if (this.text.length > HELD_CHARACTERS) this.#shorten();
    if (this.name.length + this.entity.length + this.piTarget.length > HELD_CHARACTERS) {
      throw this.stop('a name is longer than 64 Ki characters', 'GC1704');
    }
  }

  doctypeRefused(): ParseStop {
    return this.stop('it has a document type declaration (<!DOCTYPE …>), which is not accepted', 'GC1704');
  }

  tooLong(): ParseStop {
    const limit = this.#limits.attribute_characters;
    return this.stop(`the attributes of an element are longer than ${limit} characters`, 'GC1704');
  }

  #shorten(): void {
    const { text, state } = this;
    if (this.#flushable.has(state)) {
      this.text = '';
      if (this.tags.length > 0) this.#handler.text(text);
    } else if (this.#discarded.has(state)) {
      this.text = '';
    } else if (this.tags.length === 0 && this.tag === null) {
      throw this.doctypeRefused();
    } else if (text.length > this.#limits.attribute_characters) {
      throw this.tooLong();
    }
  }
}

/**
 * A reader with bounds: memory does not grow with the input, whatever it is. Document type declarations are refused,
 * since entities come with them.
 */
export function openXml(handler: XmlHandler, limits: ParseLimits): XmlReader {
  return new BoundedReader(handler, limits);
}

class BoundedReader implements XmlReader {
  readonly #parser: BoundedParser;
  readonly #limits: ParseLimits;

  constructor(handler: XmlHandler, limits: ParseLimits) {
    this.#limits = limits;
    this.#parser = new BoundedParser(handler, limits);
    const parser = this.#parser;
    parser.on('opentag', (tag) => handler.open(tag.name, tag.attributes as readonly Attribute[]));
    parser.on('closetag', (tag) => handler.close(tag.name));
    parser.on('text', (text) => handler.text(text));
    parser.on('cdata', (text) => handler.text(text));
    parser.on('doctype', () => {
      throw parser.doctypeRefused();
    });
    this.#boundElements();
  }

  write(text: string): void {
    this.#parser.write(text);
    this.#parser.bound();
  }

  end(): void {
    const open = this.#parser.tags.at(-1);
    if (open !== undefined) throw this.#parser.stop(`the file ends inside <${shown(open.name)}>`);
    this.#parser.write(null);
  }

  #boundElements(): void {
    const parser = this.#parser;
    const { attributes, attribute_characters } = this.#limits;
    let count = 0;
    let characters = 0;
    parser.on('opentagstart', () => {
      count = 0;
      characters = 0;
      parser.openTagStart();
    });
    parser.on('attribute', (attribute) => {
      count++;
      characters += attribute.value.length;
      if (count > attributes) throw parser.stop(`an element has more than ${attributes} attributes`, 'GC1704');
      if (characters > attribute_characters) throw parser.tooLong();
    });
  }
}

function shown(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60)}…` : name;
}

function wrongClose(found: string, expected: string): string {
  return `</${shown(found)}> where </${shown(expected)}> was expected`;
}
