import { stripTerminal } from '../../protocol/terminal.ts';

/**
 * A text on one line that cannot steer the terminal: names, messages and reasons come from tests and machines that
 * nobody vouches for. With `spaces`, columns that were laid out by hand keep their spaces.
 */
export function plainText(text: string, spaces = false): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  const plain = stripTerminal(text).replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, ' ');
  return spaces ? plain.trimEnd() : plain.replace(/ {2,}/g, ' ').trim();
}
