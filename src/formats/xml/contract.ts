/** An attribute of an element. Its reader may use it again: what is kept is copied. */
export interface Attribute {
  name: string;
  value: string;
}

/** What a document is told. `text` may come in any number of pieces. */
export interface XmlHandler {
  open(name: string, attributes: readonly Attribute[]): void;
  close(name: string): void;
  text(text: string): void;
}

/**
 * Reads one document, whatever it is cut into, and tells a handler. All that the formats know of a parser: `openXml` in
 * `scanner.ts` makes one. Both throw `ParseStop` with line and column; nothing may be written after that.
 */
export interface XmlReader {
  write(text: string): void;
  /** Ends the document; throws when it is not complete. */
  end(): void;
}
