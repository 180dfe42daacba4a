import { joinNames } from '../packed/key.ts';
import type { TestStatus } from '../protocol/results.ts';
import type { ParsedAttachment, ParsedFact, ParsedMetric, ParsedTest, Sink } from './contract.ts';

/** What a batch's status bytes mean; the same bytes as in a stored chunk (`results/state.ts`, a test compares them). */
export const BATCH_STATUSES: readonly TestStatus[] = ['pass', 'fail', 'skip', 'xfail', 'error', 'flaky'];
const CODES = Object.fromEntries(BATCH_STATUSES.map((status, index) => [status, index + 1])) as Record<
  TestStatus,
  number
>;

/** What is told of a test that did not pass. */
export interface BatchDetail {
  /** Place in the batch. */
  index: number;
  message: string | null;
  trace: string | null;
  cut_characters: number;
  location: string | null;
  attempts: number;
  failed_attempts: number;
  duration_ms: number | null;
}

/** Tests in columns, in the file's order: cheap to hand from one thread to another. */
export interface TestBatch {
  tests: number;
  /** A suite for each stretch of tests of the same one, as `joinNames` joins: bytes move between threads without a copy. */
  suites: Uint8Array<ArrayBuffer>;
  /** How long each stretch is. */
  suite_tests: Uint32Array;
  /** Of all tests, as `joinNames` joins them. */
  names: Uint8Array<ArrayBuffer>;
  statuses: Uint8Array;
  /** NaN: unknown. */
  durations_ms: Float64Array;
  /** Of the tests that are neither pass nor skip, in order. */
  details: BatchDetail[];
  metrics: ParsedMetric[];
  attachments: ParsedAttachment[];
  facts: ParsedFact[];
}

const BATCH_TESTS = 4096;
const BATCH_DETAIL_CHARACTERS = 2 ** 20;

/** The memory of a batch, to be handed over instead of copied. */
export function transferOf(batch: TestBatch): ArrayBuffer[] {
  const { suites, suite_tests, names, statuses, durations_ms } = batch;
  return [suites, suite_tests, names, statuses, durations_ms].map((column) => column.buffer as ArrayBuffer);
}

/** Collects parsed tests and hands on a batch when it is full. */
export class BatchCollector implements Sink {
  #names: string[] = [];
  #suites: string[] = [];
  #suite_starts: number[] = [];
  #suite: string | null = null;
  #statuses = new Uint8Array(BATCH_TESTS);
  #durations_ms = new Float64Array(BATCH_TESTS);
  #details: BatchDetail[] = [];
  #metrics: ParsedMetric[] = [];
  #attachments: ParsedAttachment[] = [];
  #facts: ParsedFact[] = [];
  #characters = 0;
  readonly #emit: (batch: TestBatch) => void;

  constructor(emit: (batch: TestBatch) => void) {
    this.#emit = emit;
  }

  metric(metric: ParsedMetric): void {
    this.#metrics.push(metric);
  }

  attachment(attachment: ParsedAttachment): void {
    this.#attachments.push(attachment);
  }

  fact(fact: ParsedFact): void {
    this.#facts.push(fact);
  }

  test(test: ParsedTest): void {
    const index = this.#names.length;
    this.#names.push(test.name);
    if (test.suite !== this.#suite) {
      this.#suite = test.suite;
      this.#suites.push(test.suite);
      this.#suite_starts.push(index);
    }
    this.#statuses[index] = CODES[test.status];
    this.#durations_ms[index] = test.duration_ms ?? Number.NaN;
    if (test.status !== 'pass' && test.status !== 'skip') this.#addDetail(index, test);
    if (index + 1 === BATCH_TESTS || this.#characters > BATCH_DETAIL_CHARACTERS) this.flush();
  }

  /** Hands on what is there. */
  flush(): void {
    const count = this.#names.length;
    if (count + this.#metrics.length + this.#attachments.length + this.#facts.length === 0) return;
    this.#emit({
      tests: count,
      suites: joinNames(this.#suites),
      suite_tests: Uint32Array.from(this.#suite_starts, (start, at) => (this.#suite_starts[at + 1] ?? count) - start),
      names: joinNames(this.#names),
      statuses: this.#statuses.subarray(0, count),
      durations_ms: this.#durations_ms.subarray(0, count),
      details: this.#details,
      metrics: this.#metrics,
      attachments: this.#attachments,
      facts: this.#facts,
    });
    this.#names = [];
    this.#suites = [];
    this.#suite_starts = [];
    this.#suite = null;
    this.#statuses = new Uint8Array(BATCH_TESTS);
    this.#durations_ms = new Float64Array(BATCH_TESTS);
    this.#details = [];
    this.#metrics = [];
    this.#attachments = [];
    this.#facts = [];
    this.#characters = 0;
  }

  #addDetail(index: number, test: ParsedTest): void {
    const { message, trace, cut_characters, attempts, failed_attempts, duration_ms, file, line } = test;
    const location = file === null ? null : line === null ? file : `${file}:${line}`;
    this.#details.push({ index, message, trace, cut_characters, location, attempts, failed_attempts, duration_ms });
    this.#characters += (message?.length ?? 0) + (trace?.length ?? 0);
  }
}
