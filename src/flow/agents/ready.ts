import { Batcher } from '../../base/batcher.ts';
import { type PreflightReport, preflightPassed } from '../../nodes/preflight.ts';
import type { Db } from '../../store/schema/database.ts';

/** Takes what agents report when their checks passed; those that report at about the same time are written together. */
export class ReadyNodes {
  readonly #reports: Batcher<PreflightReport, boolean>;

  /** `waker` tells the allocator. */
  constructor(db: Db, waker: { wake(): void }) {
    this.#reports = new Batcher(async (batch: readonly PreflightReport[]) => {
      const passed = await preflightPassed(db, batch);
      // After the commit: a request that was committed meanwhile saw no ready node, and must not wait for the next poll.
      if (passed.includes(true)) waker.wake();
      return passed;
    });
  }

  /** The node is ready for work, and the allocator hears of it. False: the node is not being checked (any more). */
  async add(report: PreflightReport): Promise<boolean> {
    return await this.#reports.add(report);
  }
}
