import { scan } from './scan.ts';

/** A string or template literal: its text without quotes; what stands in `${…}` is left out. */
export interface Literal {
  text: string;
  /** Offset of the opening quote. */
  start: number;
  line: number;
}

export interface ImportLine {
  specifier: string;
  line: number;
  /** `import type`, `export type … from`: gone when it runs. */
  type_only: boolean;
  /** `export … from`. */
  is_export: boolean;
}

/** A file taken apart far enough for reading rules; it is no compiler. */
export interface Source {
  /** As long as the text, with comments and the insides of strings and regular expressions blanked. */
  code: string;
  literals: Literal[];
  imports: ImportLine[];
  /** The line of an offset, counted from 1. */
  lineAt(offset: number): number;
}

/** Imports and re-exports; the keyword begins a statement, and the literal follows `from`, or `import` itself. */
const STATEMENT = /(?:^|[;\n])\s*(import|export)(\s+type)?\b([^;'"`]*?)(?:\bfrom\s*)?(?=['"])/g;

/** Takes a TypeScript or JavaScript text apart. */
export function parseSource(text: string): Source {
  const { code, literals: found } = scan(text);
  const lineAt = lineFinder(text);
  const literals = found.map((literal) => ({ ...literal, line: lineAt(literal.start) }));
  return { code, literals, imports: [...readImports(code, literals)], lineAt };
}

function* readImports(code: string, literals: Literal[]): Generator<ImportLine> {
  const byStart = new Map(literals.map((literal) => [literal.start, literal]));
  for (const match of code.matchAll(STATEMENT)) {
    const literal = byStart.get(match.index + match[0].length);
    const middle = match[3] ?? '';
    const isBare = match[1] === 'import' && middle.trim() === '';
    if (literal === undefined || !(isBare || /\bfrom\s*$/.test(match[0]))) continue;
    yield {
      specifier: literal.text,
      line: literal.line,
      type_only: match[2] !== undefined,
      is_export: match[1] === 'export',
    };
  }
  for (const match of code.matchAll(/\bimport\s*\(\s*(?=['"])/g)) {
    const literal = byStart.get(match.index + match[0].length);
    if (literal) yield { specifier: literal.text, line: literal.line, type_only: false, is_export: false };
  }
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}
