import type { TestStatus } from '../protocol/results.ts';

/** What every format's parser gives for one test: one call of the sink each, in the file's order. */
export interface ParsedTest {
  suite: string;
  name: string;
  status: TestStatus;
  duration_ms: number | null;
  /** One line or a few, at most `message_characters`. */
  message: string | null;
  /** At most `trace_characters`. */
  trace: string | null;
  /** Characters of message and trace that were left out. */
  cut_characters: number;
  file: string | null;
  line: number | null;
  /** More than one when the file itself tells of reruns. */
  attempts: number;
  failed_attempts: number;
}

/** A measured value of the run. */
export interface ParsedMetric {
  name: string;
  value: number;
  /** As the file says it; null: none. */
  unit: string | null;
}

/** A file that belongs to a test, by the path that the results file gives. */
export interface ParsedAttachment {
  suite: string;
  name: string;
  path: string;
}

/** What a file tells of the run or of one of its suites: a property, the device, a version. */
export interface ParsedFact {
  /** Null: of the whole run. */
  suite: string | null;
  name: string;
  value: string;
}

/** Takes what a file holds, in its order. A parser keeps nothing of it afterwards. */
export interface Sink {
  test(test: ParsedTest): void;
  metric(metric: ParsedMetric): void;
  attachment(attachment: ParsedAttachment): void;
  fact(fact: ParsedFact): void;
}

export interface ParseLimits {
  /** Elements inside each other. */
  depth: number;
  /** Longer names end in a hash of the whole, so that they stay different. */
  name_characters: number;
  message_characters: number;
  trace_characters: number;
  /** Of all attributes of one element together; more is refused. */
  attribute_characters: number;
  attributes: number;
  /** Metrics, attachments and facts of one file together; what is more is counted. */
  extras: number;
  /** Of a fact's name or value, and of an attachment's path. */
  extra_characters: number;
}

export const DEFAULT_PARSE_LIMITS: ParseLimits = {
  depth: 100,
  name_characters: 2000,
  message_characters: 4000,
  trace_characters: 32_000,
  attribute_characters: 4 * 2 ** 20,
  attributes: 200,
  extras: 10_000,
  extra_characters: 1_000,
};

export type ProblemCode = 'GC1701' | 'GC1702' | 'GC1703' | 'GC1704' | 'GC1705';

/** Why a file could not be read to its end: plain data, so that a worker thread can hand it over. */
export interface ParseProblem {
  code: ProblemCode;
  /** A part of a sentence; for GC1705 the encoding. */
  problem: string;
  /** Where, counted from 1; 0 when the place means nothing. */
  line: number;
  column: number;
}

export interface ParseReport {
  tests: number;
  /** Null: read to the end. Else the tests before that place were given to the sink, and the result is partial. */
  problem: ParseProblem | null;
  /** Metrics, attachments and facts beyond the limit. */
  extras_left_out: number;
}

/** A file being read: fed with bytes in any split. Nothing about the content throws: `end` reports it. */
export interface Parser {
  /** Has a problem ended it? The rest of the file need not be read. */
  readonly stopped: boolean;
  write(bytes: Uint8Array): void;
  end(): ParseReport;
}

/** A format of results files: one exported value in the list of `all.ts`. */
export interface Format {
  /** As job files write it, for example `junit`. Stands in rows: never renamed. */
  readonly name: string;
  /** For people, for example `JUnit XML`. */
  readonly title: string;
  /** Is it this format, by the first bytes (at least 4 KiB, or all) and the path? 0: no; 1: surely. */
  detect(head: Uint8Array, path: string): number;
  parser(sink: Sink, limits: ParseLimits): Parser;
}
