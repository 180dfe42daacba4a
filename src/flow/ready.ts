import { Batcher } from '../base/batcher.ts';
import { type PreflightReport, preflightPassed } from '../nodes/preflight.ts';
import { type AgentNode, type Registration, registerAgents } from '../nodes/store/agent.ts';
import { ALLOCATE_WAKE, wakerOf } from './fleet-wake.ts';
import type { Services } from './services.ts';

/** Agents that speak at about the same time are written together: a pool that boots is one commit, not a hundred. */
interface Coming {
  registered: Batcher<Registration, AgentNode | null>;
  passed: Batcher<PreflightReport, boolean>;
}

const known = new WeakMap<Services, Coming>();

function comingOf(services: Services): Coming {
  const there = known.get(services);
  if (there !== undefined) return there;
  const { db } = services.connection;
  const waker = wakerOf(services, 'allocate', ALLOCATE_WAKE.ready);
  const coming: Coming = {
    registered: new Batcher((batch) => registerAgents(db, batch)),
    passed: new Batcher(async (batch) => {
      const passed = await preflightPassed(db, batch);
      // After the commit: a request that was committed meanwhile saw no ready node, and must not wait for the next poll.
      if (passed.includes(true)) waker.wake();
      return passed;
    }),
  };
  known.set(services, coming);
  return coming;
}

/** An agent's first word: spends its one-use token. Null: no node waits for it. */
export async function nodeRegistered(services: Services, registration: Registration): Promise<AgentNode | null> {
  return await comingOf(services).registered.add(registration);
}

/** An agent's checks passed: its node is ready for work, and the allocator hears of it. False: it is not being checked. */
export async function nodePassed(services: Services, report: PreflightReport): Promise<boolean> {
  return await comingOf(services).passed.add(report);
}
