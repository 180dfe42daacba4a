/** Colours of the terminal; they only add to what signs say. */
export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  odd(text: string): string;
  quiet(text: string): string;
  strong(text: string): string;
}

export function createPaint(coloured: boolean): Paint {
  const style = (code: number) => (text: string) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { good: style(32), bad: style(31), odd: style(35), quiet: style(2), strong: style(1) };
}
