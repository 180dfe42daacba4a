/** What test runners print to say that a file belongs to a test. */
const ATTACHMENT = /\[\[ATTACHMENT\|([^\]\r\n]+)\]\]/g;
/** The longest beginning of such a line that is kept until the rest of it has come. */
const CARRY_CHARACTERS = 1_100;

/** Finds `[[ATTACHMENT|path]]` in output that comes in pieces, in time proportional to its length. */
export class AttachmentFinder {
  #carry = '';
  readonly #found: (path: string) => void;

  constructor(found: (path: string) => void) {
    this.#found = found;
  }

  push(piece: string): void {
    if (this.#carry === '' && !piece.includes('[')) return;
    const text = this.#carry + piece;
    let end = 0;
    for (const match of text.matchAll(ATTACHMENT)) {
      this.#found((match[1] as string).trim());
      end = match.index + match[0].length;
    }
    const open = text.lastIndexOf('[[');
    const start = open >= end ? open : text.endsWith('[') ? text.length - 1 : text.length;
    const carry = text.slice(start);
    this.#carry = carry.length > CARRY_CHARACTERS || carry.includes('\n') ? '' : carry;
  }

  /** What follows is another test's. */
  reset(): void {
    this.#carry = '';
  }
}
