import { packDurations } from '../formats/packed/durations.ts';
import { packFingerprints } from '../formats/packed/fingerprint.ts';
import { rangeKey } from '../formats/packed/key.ts';
import { packNames } from '../formats/packed/names.ts';
import { packStatuses } from '../formats/packed/statuses.ts';
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

/** Cuts a sorted list into chunks. */
export class ChunkBuilder {
  readonly chunks: PreparedChunk[] = [];
  /** Suites so far. */
  suites = 0;
  #lastSuite: string | undefined;
  #tests = 0;
  #keys: string[] = [];
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
  add(key: string, low: number, high: number, status: number, duration: number): void {
    const index = this.#keys.length;
    this.#keys.push(key);
    this.#low[index] = low;
    this.#high[index] = high;
    this.#statuses[index] = status;
    this.#durations[index] = duration;
    this.#tests++;
    const isBorder = index + 1 >= LEAST_TESTS && high % BORDER_EVERY === 0;
    if (isBorder || index + 1 === MOST_TESTS) this.finish();
  }

  /** Closes the chunk that is open. */
  finish(): void {
    const keys = this.#keys;
    const tests = keys.length;
    if (tests === 0) return;
    const { hash, names, suites, suite_names } = packNames(keys);
    // A suite may go on from one chunk into the next.
    this.suites += suite_names.length - (suite_names[0] === this.#lastSuite ? 1 : 0);
    this.#lastSuite = suite_names.at(-1);
    this.chunks.push({
      hash,
      tests,
      start: this.#tests - tests,
      first_key: rangeKey(keys[0] as string),
      last_key: rangeKey(keys[tests - 1] as string),
      statuses: packStatuses(this.#statuses.subarray(0, tests)),
      durations: packDurations(this.#durations.subarray(0, tests)),
      suites: this.#spool.append(suites),
      names: this.#spool.append(names),
      fingerprints: this.#spool.append(packFingerprints(this.#low.subarray(0, tests), this.#high.subarray(0, tests))),
    });
    this.#keys = [];
  }
}
