import {
  DEFAULT_PARSE_LIMITS,
  type ParsedAttachment,
  type ParsedFact,
  type ParsedMetric,
  type ParsedTest,
  type ParseLimits,
  type ParseReport,
} from '../contract.ts';
import { JunitParser } from '../junit/parse.ts';

/** Everything that came of some bytes, given in pieces. */
export interface Parsed extends ParseReport {
  all: ParsedTest[];
  metrics: ParsedMetric[];
  attachments: ParsedAttachment[];
  facts: ParsedFact[];
}

export function parsePieces(pieces: readonly Uint8Array[], limits: ParseLimits = DEFAULT_PARSE_LIMITS): Parsed {
  const found = { all: [] as ParsedTest[], metrics: [] as ParsedMetric[] };
  const more = { attachments: [] as ParsedAttachment[], facts: [] as ParsedFact[] };
  const sink = {
    test: (test: ParsedTest) => void found.all.push(test),
    metric: (metric: ParsedMetric) => void found.metrics.push(metric),
    attachment: (attachment: ParsedAttachment) => void more.attachments.push(attachment),
    fact: (fact: ParsedFact) => void more.facts.push(fact),
  };
  const parser = new JunitParser(sink, limits);
  for (const piece of pieces) parser.write(piece);
  return { ...parser.end(), ...found, ...more };
}

export function parseText(text: string | Buffer, limits?: Partial<ParseLimits>): Parsed {
  return parsePieces([Buffer.from(text as string)], { ...DEFAULT_PARSE_LIMITS, ...limits });
}

/** The tests in short. */
export function briefly(parsed: Parsed): string[] {
  return parsed.all.map(({ suite, name, status }) => `${suite}: ${name}: ${status}`);
}
