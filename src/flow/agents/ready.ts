import { Batcher } from '../../base/batcher.ts';
import { type PreflightReport, preflightPassed } from '../../nodes/preflight.ts';
import { ALLOCATE_WAKE, wakerOf } from '../fleet/wake.ts';
import type { Services } from '../services.ts';

const known = new WeakMap<Services, Batcher<PreflightReport, boolean>>();

function reportsOf(services: Services): Batcher<PreflightReport, boolean> {
  const there = known.get(services);
  if (there !== undefined) return there;
  const waker = wakerOf(services, 'allocate', ALLOCATE_WAKE.ready);
  const reports = new Batcher(async (batch: readonly PreflightReport[]) => {
    const passed = await preflightPassed(services.connection.db, batch);
    // After the commit: a request that was committed meanwhile saw no ready node, and must not wait for the next poll.
    if (passed.includes(true)) waker.wake();
    return passed;
  });
  known.set(services, reports);
  return reports;
}

/**
 * An agent's checks passed: its node is ready for work, and the allocator hears of it. Agents that report at about the
 * same time are written together. False: the node is not being checked (any more).
 */
export async function nodePassed(services: Services, report: PreflightReport): Promise<boolean> {
  return await reportsOf(services).add(report);
}
