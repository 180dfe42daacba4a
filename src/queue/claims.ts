import type { Clock } from '../base/clock.ts';
import type { Db } from '../store/schema/database.ts';
import { type ClaimedItem, type Lane, POLL_MS } from './contract.ts';
import { type ClaimedRow, claimItems } from './store/items.ts';

export interface LaneClaimsOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly lane: Lane;
  readonly kinds: readonly string[];
  readonly worker: string;
}

/**
 * One worker's claims of one lane. What is done leaves its place in the index until the next vacuum, so a claim that
 * looks from the start steps over all that was done since: while the lane is full, each one looks from where the last
 * one ended. An item can come to stand before that, by a long transaction that enqueued it earlier than it committed, so
 * it looks from the start again after each second, and whenever it finds less than was asked for.
 */
export class LaneClaims {
  readonly #options: LaneClaimsOptions;
  #from_us = 0;
  #started_ms = Number.NEGATIVE_INFINITY;

  constructor(options: LaneClaimsOptions) {
    this.#options = options;
  }

  /** So many items that are due, or as many as there are. */
  async claim(limit: number): Promise<ClaimedItem[]> {
    const now_ms = this.#options.clock.monotonic_ms();
    if (this.#from_us === 0 || now_ms - this.#started_ms >= POLL_MS) {
      this.#started_ms = now_ms;
      return this.#claim(limit, 0);
    }
    const later = await this.#claim(limit, this.#from_us);
    if (later.length === limit) return later;
    this.#from_us = 0;
    const earlier = await this.#claim(limit - later.length, 0).catch((error: unknown) => {
      // What is claimed already must be handled; the others are asked for again.
      if (later.length === 0) throw error;
      return [];
    });
    return [...earlier, ...later];
  }

  async #claim(limit: number, from_us: number): Promise<ClaimedRow[]> {
    const { db, clock, ...request } = this.#options;
    const items = await claimItems(db, { ...request, limit, from_us });
    this.#from_us = items.length < limit ? 0 : items.reduce((last, item) => Math.max(last, item.run_at_us), 0);
    return items;
  }
}
