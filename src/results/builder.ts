import { nextTurn } from '../base/clock.ts';
import type { BatchDetail, TestBatch } from '../formats/batch.ts';
import { durationByte } from '../packed/durations.ts';
import { codeUnitsOf, startFingerprint, writeFingerprint } from '../packed/fingerprint.ts';
import { splitNames, testKey, textOf } from '../packed/key.ts';
import { ChunkBuilder, type PreparedChunk } from './chunk-builder.ts';
import { type FailureBlock, FailureRows } from './failure-rows.ts';
import { mergeRuns } from './merge.ts';
import { type Records, RunWriter } from './sorted-run.ts';
import type { Extent, Spool } from './spool.ts';
import { TestPlacer } from './test-placer.ts';

/** Tests that are sorted in memory at once; the sorted lists are merged from the spool. */
const RUN_TESTS = 32_768;
/** So many characters of names end a run too, however few tests they are. */
const RUN_CHARACTERS = 8 * 2 ** 20;
/** Beyond this much of messages and traces in one run, traces are dropped and counted. */
const DETAIL_BUDGET_BYTES = 256 * 2 ** 20;
const SHORT_MESSAGE_CHARACTERS = 200;
/** Before each detail in the spool. */
const SIZE_BYTES = 4;

export interface BuiltResults {
  tests: number;
  /** Number of tests by status byte. */
  counts: number[];
  suites: number;
  duration_ms: number;
  chunks: PreparedChunk[];
  failures: FailureBlock[];
  /** Holds what the chunks and failures point at. */
  spool: Spool;
}

/** Where a builder keeps what does not fit into memory. */
export interface BuilderSpools {
  sorted: Spool;
  texts: Spool;
  output: Spool;
}

/** Takes the tests of a run's files, in any order and number, and makes the run's sorted, packed list of them. */
export interface Builder {
  /** Files in the order of their attempts. */
  add(file: number, batch: TestBatch): Promise<void>;
  /** Nothing can be added afterwards. The caller closes the spool of what it gets. */
  finish(): Promise<BuiltResults>;
  /** Frees everything without finishing. */
  abandon(): Promise<void>;
}

/** A builder that works where it is called, giving way between its slices. */
export class ResultsBuilder implements Builder {
  readonly #records = emptyRecords();
  readonly #writer: RunWriter;
  readonly #runs: Extent[][] = [];
  readonly #sorted: Spool;
  readonly #texts: Spool;
  readonly #output: Spool;
  #run_characters = 0;
  #detail_bytes = 0;
  #duration_ms = 0;

  constructor(spools: BuilderSpools) {
    this.#sorted = spools.sorted;
    this.#writer = new RunWriter(spools.sorted);
    this.#texts = spools.texts;
    this.#output = spools.output;
  }

  async add(file: number, batch: TestBatch): Promise<void> {
    const records = this.#records;
    const text = textOf(batch.names);
    const names = splitNames(text);
    const part = { codes: codeUnitsOf(text, batch.names), from: 0, to: 0 };
    let index = 0;
    let nextDetail = 0;
    for (const [stretch, suite] of splitNames(textOf(batch.suites)).entries()) {
      const start = startFingerprint(testKey(suite, ''));
      const end = index + (batch.suite_tests[stretch] as number);
      this.#beginSuite(suite);
      for (; index < end; index++) {
        const at = records.names.length;
        const name = names[index] as string;
        records.names.push(name);
        part.to = part.from + name.length;
        writeFingerprint(start, part, records.fingerprints, at);
        part.from = part.to + 1;
        records.statuses[at] = batch.statuses[index] as number;
        records.files[at] = file;
        const duration_ms = batch.durations_ms[index] as number;
        records.durations[at] = durationByte(duration_ms);
        if (duration_ms > 0) this.#duration_ms += duration_ms;
        const detail = batch.details[nextDetail];
        const has = detail?.index === index;
        records.details[at] = has ? this.#keepDetail(detail) : 0;
        if (has) nextDetail++;
        this.#run_characters += name.length;
        if (at + 1 === RUN_TESTS || this.#run_characters > RUN_CHARACTERS) {
          this.#sortRun();
          this.#beginSuite(suite);
        }
      }
    }
    await nextTurn();
  }

  async finish(): Promise<BuiltResults> {
    this.#sortRun();
    const chunks = new ChunkBuilder(this.#output);
    const failures = new FailureRows(this.#output);
    const placer = new TestPlacer(chunks, failures, (place) => this.#detail(place));
    const merging = mergeRuns(this.#runs, this.#sorted, (reader) => placer.take(reader));
    while (!merging.next().done) {
      await chunks.ready();
      await nextTurn();
    }
    placer.finish();
    const packed = await chunks.finish();
    this.#sorted.close();
    this.#texts.close();
    return {
      tests: chunks.position,
      counts: placer.counts,
      duration_ms: this.#duration_ms,
      ...packed,
      failures: failures.blocks,
      spool: this.#output,
    };
  }

  async abandon(): Promise<void> {
    for (const spool of [this.#sorted, this.#texts, this.#output]) spool.close();
  }

  /** What is added from here on is of this suite. */
  #beginSuite(suite: string): void {
    const { suites, suite_starts, names } = this.#records;
    if (suite_starts.at(-1) === names.length) {
      suites.pop();
      suite_starts.pop();
    }
    if (suites.at(-1) === suite) return;
    this.#run_characters += suite.length;
    suites.push(suite);
    suite_starts.push(names.length);
  }

  #sortRun(): void {
    const records = this.#records;
    if (records.names.length === 0) return;
    this.#runs.push(this.#writer.write(records));
    this.#run_characters = 0;
    records.names = [];
    records.suites = [];
    records.suite_starts = [];
  }

  /** 1 + where it lies. */
  #keepDetail(detail: BatchDetail): number {
    let kept = detail;
    if (this.#detail_bytes > DETAIL_BUDGET_BYTES) {
      const message = detail.message?.slice(0, SHORT_MESSAGE_CHARACTERS) ?? null;
      const before = (detail.message?.length ?? 0) + (detail.trace?.length ?? 0);
      kept = { ...detail, message, trace: null };
      kept.cut_characters += before - (message?.length ?? 0);
    }
    const text = Buffer.from(JSON.stringify(kept));
    const size = Buffer.alloc(SIZE_BYTES);
    size.writeUInt32LE(text.length);
    this.#detail_bytes += text.length;
    return 1 + this.#texts.append(Buffer.concat([size, text])).offset;
  }

  #detail(place: number): BatchDetail {
    const offset = place - 1;
    const length = this.#texts.read({ offset, length: SIZE_BYTES }).readUInt32LE();
    return JSON.parse(this.#texts.read({ offset: offset + SIZE_BYTES, length }).toString('utf8'));
  }
}

function emptyRecords(): Records {
  return {
    names: [],
    suites: [],
    suite_starts: [],
    fingerprints: new Uint32Array(2 * RUN_TESTS),
    statuses: new Uint8Array(RUN_TESTS),
    durations: new Uint8Array(RUN_TESTS),
    files: new Uint32Array(RUN_TESTS),
    details: new Float64Array(RUN_TESTS),
  };
}
