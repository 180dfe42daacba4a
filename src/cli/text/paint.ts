import { styleText } from 'node:util';

/** Colours of the terminal; they only add to what signs say. */
export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  odd(text: string): string;
  quiet(text: string): string;
  strong(text: string): string;
}

export function createPaint(coloured: boolean): Paint {
  const style = (name: Parameters<typeof styleText>[0]) => (text: string) =>
    // Whether there are colours is decided where the terminal is known, not from this process's own output.
    coloured ? styleText(name, text, { validateStream: false }) : text;
  return { good: style('green'), bad: style('red'), odd: style('magenta'), quiet: style('dim'), strong: style('bold') };
}
