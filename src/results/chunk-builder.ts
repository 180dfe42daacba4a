import { packDurations } from '../packed/durations.ts';
import { packFingerprints } from '../packed/fingerprint.ts';
import { rangeKey, type SuiteTests, testKey } from '../packed/key.ts';
import { packNames } from '../packed/names.ts';
import { packStatuses } from '../packed/statuses.ts';
import type { Extent, Spool } from './spool.ts';

/** A chunk of a run's list, ready to be stored; names and fingerprints lie in the spool until they are needed. */
export interface PreparedChunk {
  hash: Buffer;
  tests: number;
  /** Position of its first test in the run's list. */
  start: number;
  first_key: Buffer;
  last_key: Buffer;
  statuses: Buffer;
  durations: Buffer | null;
  suites: Extent;
  names: Extent;
  fingerprints: Extent;
}

/**
 * Borders are where a test's fingerprint says so, so that a new or missing name moves only its own chunk: on average
 * every 3,000 tests after the first 1,000, and at the latest after 16,000.
 */
const LEAST_TESTS = 1000;
const MOST_TESTS = 16_000;
const BORDER_EVERY = 3000;

/** Chunks that are packed in the background at once. */
const PACKED_AT_ONCE = 6;

/** The memory of a chunk, to be handed over instead of copied. */
export function transferOfChunk({ hash, first_key, last_key, statuses, durations }: PreparedChunk): ArrayBuffer[] {
  const parts = [hash, first_key, last_key, statuses, ...(durations === null ? [] : [durations])];
  return parts.map((part) => part.buffer as ArrayBuffer);
}

/** Small buffers are parts of big ones, which they would keep in memory as long as the chunk. */
function withOwnMemory(bytes: Buffer): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}

/** Cuts a sorted list into chunks. */
export class ChunkBuilder {
  readonly #chunks: PreparedChunk[] = [];
  readonly #suites: { count: number; first: string; last: string }[] = [];
  readonly #packing = new Set<Promise<void>>();
  #tests = 0;
  #count = 0;
  #list: SuiteTests[] = [];
  #suite: SuiteTests | null = null;
  readonly #low = new Uint32Array(MOST_TESTS);
  readonly #high = new Uint32Array(MOST_TESTS);
  readonly #statuses = new Uint8Array(MOST_TESTS);
  readonly #durations = new Uint8Array(MOST_TESTS);
  readonly #spool: Spool;

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  /** Tests so far: the position of the next one. */
  get position(): number {
    return this.#tests;
  }

  /** The next test of the list; `low` and `high` are its fingerprint with the occurrence. */
  add(suite: string, name: string, low: number, high: number, status: number, duration: number): void {
    const index = this.#count++;
    if (this.#suite?.suite !== suite) {
      this.#suite = { suite, names: [] };
      this.#list.push(this.#suite);
    }
    this.#suite.names.push(name);
    this.#low[index] = low;
    this.#high[index] = high;
    this.#statuses[index] = status;
    this.#durations[index] = duration;
    this.#tests++;
    const isBorder = index + 1 >= LEAST_TESTS && high % BORDER_EVERY === 0;
    if (isBorder || index + 1 === MOST_TESTS) this.#cut();
  }

  /** Resolves when not too many chunks are being packed; rejects when packing failed. */
  async ready(): Promise<void> {
    while (this.#packing.size >= PACKED_AT_ONCE) await Promise.race(this.#packing);
  }

  /** Closes the list. */
  async finish(): Promise<{ chunks: PreparedChunk[]; suites: number }> {
    this.#cut();
    await Promise.all(this.#packing);
    // A suite may go on from one chunk into the next.
    const suites = this.#suites.reduce((sum, { count, first }, index) => {
      return sum + count - (first === this.#suites[index - 1]?.last ? 1 : 0);
    }, 0);
    return { chunks: this.#chunks, suites };
  }

  #cut(): void {
    const list = this.#list;
    const tests = this.#count;
    if (tests === 0) return;
    this.#list = [];
    this.#suite = null;
    this.#count = 0;
    const first = list[0] as SuiteTests;
    const last = list.at(-1) as SuiteTests;
    const ordinal = this.#suites.length;
    this.#suites.push({ count: 0, first: '', last: '' });
    const durations = packDurations(this.#durations.subarray(0, tests));
    const part = {
      tests,
      start: this.#tests - tests,
      first_key: withOwnMemory(rangeKey(testKey(first.suite, first.names[0] as string))),
      last_key: withOwnMemory(rangeKey(testKey(last.suite, last.names.at(-1) as string))),
      statuses: withOwnMemory(packStatuses(this.#statuses.subarray(0, tests))),
      durations: durations === null ? null : withOwnMemory(durations),
      fingerprints: this.#spool.append(packFingerprints(this.#low.subarray(0, tests), this.#high.subarray(0, tests))),
    };
    const packing = packNames(list).then(({ hash, names, suites, suite_count, first_suite, last_suite }) => {
      const spool = this.#spool;
      this.#chunks[ordinal] = { ...part, hash, names: spool.append(names), suites: spool.append(suites) };
      this.#suites[ordinal] = { count: suite_count, first: first_suite, last: last_suite };
      this.#packing.delete(packing);
    });
    // Whoever waits gets the error; nobody may have begun to wait yet.
    packing.catch(() => undefined);
    this.#packing.add(packing);
  }
}
