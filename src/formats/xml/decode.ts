import { ParseStop } from '../problem.ts';

/** Enough bytes for a byte order mark and an XML declaration. */
const SNIFF_BYTES = 256;
/** Longer strings would be large objects, which the collector maps one by one. */
const PIECE_BYTES = 64 * 1024;

/**
 * Bytes in any split to text: byte order marks, UTF-16 and the encoding of an XML declaration are understood; bytes
 * that are invalid become U+FFFD. Throws `ParseStop` GC1705 for an encoding that nobody here can read.
 */
export class XmlDecoder {
  #head: Buffer | null = Buffer.alloc(0);
  #decoder = new TextDecoder('utf-8');

  /** The text that these bytes complete, in pieces. */
  *write(bytes: Uint8Array): Generator<string> {
    let pending: Uint8Array = bytes;
    if (this.#head !== null) {
      this.#head = Buffer.concat([this.#head, bytes]);
      if (this.#head.length < SNIFF_BYTES) return;
      pending = this.#start();
    }
    for (let start = 0; start < pending.length; start += PIECE_BYTES) {
      yield this.#decoder.decode(pending.subarray(start, start + PIECE_BYTES), { stream: true });
    }
  }

  /** The rest. */
  end(): string {
    const rest = this.#head === null ? undefined : this.#start();
    return this.#decoder.decode(rest);
  }

  #start(): Buffer {
    const head = this.#head ?? Buffer.alloc(0);
    this.#head = null;
    const encoding = encodingOf(head);
    try {
      this.#decoder = new TextDecoder(encoding);
    } catch {
      throw new ParseStop('GC1705', encoding);
    }
    return head;
  }
}

function encodingOf(head: Buffer): string {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be';
  const declaration = /^(?:\xef\xbb\xbf)?\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"'<>]{1,40})["']/.exec(
    head.toString('latin1', 0, SNIFF_BYTES),
  );
  const declared = declaration?.[1] ?? 'utf-8';
  // Bytes that read as ASCII are not UTF-16, whatever a careless writer declares.
  return /^(utf-?16|ucs-?2|utf-?32)/i.test(declared) ? 'utf-8' : declared;
}
