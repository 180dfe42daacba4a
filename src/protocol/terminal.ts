/**
 * What steers a terminal and is no text: CSI (colours, cursor), OSC (titles, links) ended by BEL or ST, other strings
 * ended by ST, and short escapes. An unfinished one at the end of a text counts too.
 */
export const TERMINAL_SEQUENCE: RegExp =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  /\u001b\[[0-?]*[ -/]*(?:[@-~]|$)|\u009b[0-?]*[ -/]*(?:[@-~]|$)|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\|$)|\u001b[ -/]*(?:[0-Z\\^-~]|$)/g;

/** A text without what steers a terminal. */
export function stripTerminal(text: string): string {
  return text.replace(TERMINAL_SEQUENCE, '');
}

/** Of a line that was drawn over with carriage returns, the last state. */
export function lastDrawn(line: string): string {
  const ended = line.replace(/\r+$/, '');
  return ended.slice(ended.lastIndexOf('\r') + 1);
}
