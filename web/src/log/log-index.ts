import type { ScanProgress } from './scanner.ts';

/** Chunks read beyond a known one before the scan gets there. */
const NEAR = 8;

/** The place of a line: after the `nth` line end (from 0) of a chunk; -1 is the beginning of the log. */
export interface LinePlace {
  chunk: number;
  nth: number;
}

/**
 * Which line is where, without the text: how many lines end in each chunk. It fills from the start as the log is
 * scanned; around a line whose place the server told, chunks are known before the scan gets there. Lines from 0.
 */
export class LogIndex {
  /** Line ends before each scanned chunk. */
  readonly #before: number[] = [0];
  readonly #counts: number[] = [];
  /** Beyond the scan: line ends in, and before, chunks that were read for other reasons. */
  readonly #far = new Map<number, { count: number; before: number | null }>();
  readonly errors: number[] = [];
  bytes = 0;
  newlines = 0;
  #open = false;

  apply(progress: ScanProgress): void {
    for (const [index, count] of progress.counts.entries()) {
      const chunk = progress.first_chunk + index;
      this.#counts[chunk] = count;
      this.#before[chunk + 1] = (this.#before[chunk] ?? 0) + count;
      this.#far.delete(chunk);
    }
    this.errors.push(...progress.errors);
    this.bytes = progress.bytes;
    this.newlines = progress.newlines;
    this.#open = progress.open;
  }

  /** Lines known by scanning; the last one may have no end yet. */
  get lines(): number {
    return this.newlines + (this.#open ? 1 : 0);
  }

  /** A chunk beyond the scan was read whole: how many lines end in it, and before it when that is known. */
  learn(chunk: number, count: number, before: number | null): void {
    if (chunk < this.#counts.length) return;
    this.#far.set(chunk, { count, before: before ?? this.#far.get(chunk)?.before ?? null });
    this.#spread();
  }

  /** Where a line begins, or null while nobody knows. */
  placeOf(line: number): LinePlace | null {
    if (line === 0) return { chunk: 0, nth: -1 };
    if (line <= this.newlines) {
      const chunk = this.#chunkOfNewline(line);
      return { chunk, nth: line - 1 - (this.#before[chunk] as number) };
    }
    for (const [chunk, { count, before }] of this.#far) {
      if (before !== null && line > before && line <= before + count) return { chunk, nth: line - 1 - before };
    }
    return null;
  }

  /** Line ends before a chunk, or null while nobody knows. */
  before(chunk: number): number | null {
    return this.#before[chunk] ?? this.#far.get(chunk)?.before ?? null;
  }

  /** From a known chunk towards a line whose place is not known: the first unknown chunk on the way, near by only. */
  chunkToward(line: number, from: number): number | null {
    let chunk = from;
    for (let steps = 0; steps < NEAR && chunk >= 0; steps++) {
      const here = this.#far.get(chunk);
      if (here === undefined || here.before === null) return chunk;
      if (line <= here.before) chunk--;
      else if (line > here.before + here.count) chunk++;
      else return null;
    }
    return null;
  }

  #chunkOfNewline(nth: number): number {
    let [low, high] = [0, this.#counts.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#before[middle + 1] as number) >= nth) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** A known neighbour tells where a chunk begins. */
  #spread(): void {
    const chunks = [...this.#far.keys()].sort((left, right) => left - right);
    for (const chunk of [...chunks, ...chunks.reverse()]) {
      const here = this.#far.get(chunk);
      if (here === undefined || here.before !== null) continue;
      const left = this.#far.get(chunk - 1);
      const right = this.#far.get(chunk + 1);
      if (left !== undefined && left.before !== null) here.before = left.before + left.count;
      else if (right !== undefined && right.before !== null) here.before = right.before - here.count;
    }
  }
}
