import { TERMINAL_SEQUENCE } from '../../protocol/terminal.ts';
import type { Output } from '../surroundings.ts';

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
/** Colours and other attributes of text. */
const COLOUR = /^\u001b\[[\d;:]*m$/;
/** The begin of a sequence that the next bytes may end: CSI, a string such as OSC, or a short escape. */
const INCOMPLETE = /(?:\u001b(?:\[[0-?]*[ -/]*|[\]PX^_][^\u0007\u001b]{0,4000}\u001b?|[ -/]*)?|\u009b[0-?]*[ -/]*)$/;
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f-\u009f]/g;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above.

/**
 * Writes what a machine printed. In a pipe every byte as it is; on a terminal its text and, unless unwanted, its
 * colours, but nothing else that steers a terminal: a test must not set titles, move the cursor or fill the clipboard.
 */
export class LogWriter {
  readonly #out: Output;
  readonly #coloured: boolean;
  readonly #decoder = new TextDecoder();
  #held = '';
  #endsLine = true;
  #wasColoured = false;

  constructor(out: Output, coloured: boolean) {
    this.#out = out;
    this.#coloured = coloured;
  }

  /** Waits for a slow reader. */
  async write(data: Uint8Array): Promise<void> {
    if (this.#out.isTTY !== true) return await this.#put(data);
    const text = this.#held + this.#decoder.decode(data, { stream: true });
    const begun = text.search(INCOMPLETE);
    this.#held = begun < 0 ? '' : text.slice(begun);
    await this.#put(this.#clean(begun < 0 ? text : text.slice(0, begun)));
  }

  /** Whatever was held back, on a terminal a line's end, and no colour for what follows. */
  async end(): Promise<void> {
    if (this.#out.isTTY !== true) return;
    await this.#put(this.#clean(this.#held + this.#decoder.decode()));
    await this.#put(`${this.#wasColoured ? '\u001b[0m' : ''}${this.#endsLine ? '' : '\n'}`);
  }

  #clean(text: string): string {
    const cleaned = text
      .replace(TERMINAL_SEQUENCE, (sequence) => {
        if (!this.#coloured || !COLOUR.test(sequence)) return '';
        this.#wasColoured = true;
        return sequence;
      })
      .replace(CONTROL, '');
    if (cleaned !== '') this.#endsLine = cleaned.endsWith('\n');
    return cleaned;
  }

  async #put(part: string | Uint8Array): Promise<void> {
    if (part.length === 0 || this.#out.write(part)) return;
    await new Promise<void>((resolve) => {
      this.#out.once('drain', resolve);
      this.#out.once('close', resolve);
    });
  }
}
