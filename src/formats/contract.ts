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

/** Takes one test. A parser keeps nothing of it afterwards. */
export type Sink = (test: ParsedTest) => void;

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
}

export const DEFAULT_LIMITS: ParseLimits = {
  depth: 100,
  name_characters: 2000,
  message_characters: 4000,
  trace_characters: 32_000,
  attribute_characters: 4 * 2 ** 20,
  attributes: 200,
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
}
