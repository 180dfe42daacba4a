import type { BatchDetail } from '../formats/batch.ts';
import { withOccurrence } from '../packed/fingerprint.ts';
import type { ChunkBuilder } from './chunk-builder.ts';
import type { FailureRows } from './failure-rows.ts';
import type { RunReader } from './merge.ts';
import type { Records } from './sorted-run.ts';
import { STATUS_BYTE } from './state.ts';
import { isFailedAttempt, statusOfVotes, voteOf } from './vote.ts';

/** More tests of one name in one file than this share the last place. */
const MOST_OCCURRENCES = 200_000;

/** One occurrence of a test over the files that have it. */
interface Slot {
  votes: number;
  duration: number;
  attempts: number;
  failed_attempts: number;
  /** Of the first attempt that failed, else of the first that has one. */
  detail: number;
  detail_failed: boolean;
}

/** Takes sorted records, lets the attempts at the same test vote, and puts each test into its chunk. */
export class TestPlacer {
  /** Tests by status byte. */
  readonly counts: number[] = [0, 0, 0, 0, 0, 0, 0];
  #suite = '';
  #name = '';
  #low = 0;
  #high = 0;
  #file = -1;
  #occurrence = 0;
  /** Used again from test to test; only the first `#count` mean something. */
  readonly #slots: Slot[] = [];
  #count = 0;
  readonly #chunks: ChunkBuilder;
  readonly #failures: FailureRows;
  readonly #detail: (place: number) => BatchDetail;

  constructor(chunks: ChunkBuilder, failures: FailureRows, detail: (place: number) => BatchDetail) {
    this.#chunks = chunks;
    this.#failures = failures;
    this.#detail = detail;
  }

  /** The test at which the reader stands. */
  take(reader: RunReader): void {
    const { suite, name, at } = reader;
    const records = reader.records as Records;
    const file = records.files[at] as number;
    if (name !== this.#name || suite !== this.#suite) {
      this.#place();
      this.#suite = suite;
      this.#name = name;
      this.#low = records.fingerprints[2 * at] as number;
      this.#high = records.fingerprints[2 * at + 1] as number;
      this.#occurrence = 0;
    } else this.#occurrence = file === this.#file ? Math.min(this.#occurrence + 1, MOST_OCCURRENCES - 1) : 0;
    this.#file = file;
    const status = records.statuses[at] as number;
    const detail = records.details[at] as number;
    const duration = records.durations[at] as number;
    if (this.#occurrence >= this.#count) this.#firstAttempt(status, duration, detail);
    else this.#attempt(this.#slots[this.#occurrence] as Slot, status, duration, detail);
  }

  finish(): void {
    this.#place();
    this.#failures.finish();
  }

  #firstAttempt(status: number, duration: number, detail: number): void {
    const failed = isFailedAttempt(status);
    let slot = this.#slots[this.#count];
    if (slot === undefined) {
      slot = { votes: 0, duration: 0, attempts: 0, failed_attempts: 0, detail: 0, detail_failed: false };
      this.#slots.push(slot);
    }
    this.#count++;
    slot.votes = voteOf(status);
    slot.duration = duration;
    slot.attempts = 1;
    slot.failed_attempts = failed ? 1 : 0;
    slot.detail = detail;
    slot.detail_failed = failed && detail !== 0;
  }

  #attempt(slot: Slot, status: number, duration: number, detail: number): void {
    const failed = isFailedAttempt(status);
    slot.votes |= voteOf(status);
    slot.attempts++;
    if (failed) slot.failed_attempts++;
    if (duration !== 0) slot.duration = duration;
    if (detail !== 0 && (slot.detail === 0 || (failed && !slot.detail_failed))) {
      slot.detail = detail;
      slot.detail_failed = failed;
    }
  }

  #place(): void {
    for (let occurrence = 0; occurrence < this.#count; occurrence++) {
      const slot = this.#slots[occurrence] as Slot;
      const status = statusOfVotes(slot.votes);
      const position = this.#chunks.position;
      this.counts[status] = (this.counts[status] ?? 0) + 1;
      const low = withOccurrence(this.#low, occurrence);
      this.#chunks.add(this.#suite, this.#name, low, this.#high, status, slot.duration);
      if (status !== STATUS_BYTE.pass && status !== STATUS_BYTE.skip) {
        this.#addFailure(occurrence, position, status, slot);
      }
    }
    this.#count = 0;
  }

  #addFailure(occurrence: number, position: number, status: number, slot: Slot): void {
    const detail = slot.detail === 0 ? null : this.#detail(slot.detail);
    // What the file itself tells of reruns counts beside the files.
    const extra = detail === null ? 0 : detail.attempts - 1;
    const failedAtOnce = detail === null ? 0 : detail.failed_attempts - (slot.detail_failed ? 1 : 0);
    this.#failures.add(
      {
        position,
        suite: this.#suite,
        name: this.#name,
        occurrence,
        status,
        message: detail?.message ?? null,
        cut_characters: detail?.cut_characters ?? 0,
        attempts: slot.attempts + extra,
        failed_attempts: slot.failed_attempts + Math.max(0, failedAtOnce),
        duration_ms: detail?.duration_ms ?? null,
        location: detail?.location ?? null,
      },
      detail?.trace ?? null,
    );
  }
}
