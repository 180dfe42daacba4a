import { Batcher } from '../base/batcher.ts';
import { type PreflightReport, preflightPassed } from '../nodes/preflight.ts';
import { ALLOCATE_WAKE, wakerOf } from './fleet-wake.ts';
import type { Services } from './services.ts';

const known = new WeakMap<Services, Batcher<PreflightReport, boolean>>();

/**
 * An agent's checks passed: its node is ready for work, and the allocator hears of it after the commit. Agents that
 * report at about the same time are written together. False: the node is not being checked (any more).
 */
export async function nodePassed(services: Services, report: PreflightReport): Promise<boolean> {
  let reports = known.get(services);
  if (reports === undefined) {
    const waker = wakerOf(services, 'allocate', ALLOCATE_WAKE.ready);
    reports = new Batcher(async (batch) => {
      const passed = await preflightPassed(services.connection.db, batch);
      if (passed.includes(true)) waker.wake();
      return passed;
    });
    known.set(services, reports);
  }
  return await reports.add(report);
}
