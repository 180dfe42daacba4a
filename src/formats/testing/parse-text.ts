import { DEFAULT_LIMITS, type ParsedTest, type ParseLimits, type ParseReport } from '../contract.ts';
import { JunitParser } from '../junit/parse.ts';

/** Everything that came of some bytes, given in pieces. */
export interface Parsed extends ParseReport {
  all: ParsedTest[];
}

export function parsePieces(pieces: readonly Uint8Array[], limits: ParseLimits = DEFAULT_LIMITS): Parsed {
  const all: ParsedTest[] = [];
  const parser = new JunitParser((test) => all.push(test), limits);
  for (const piece of pieces) parser.write(piece);
  return { ...parser.end(), all };
}

export function parseText(text: string | Buffer, limits?: Partial<ParseLimits>): Parsed {
  return parsePieces([Buffer.from(text as string)], { ...DEFAULT_LIMITS, ...limits });
}

/** The tests in short. */
export function briefly(parsed: Parsed): string[] {
  return parsed.all.map(({ suite, name, status }) => `${suite}: ${name}: ${status}`);
}
