import { pruneAssignments } from '../../assignments/store/prune.ts';
import { messageOf } from '../../base/errors/error.ts';
import { Loop } from '../../base/loop.ts';
import { pruneEvents, pruneNodes } from '../../nodes/store/prune.ts';
import { pruneTokens } from '../../store/tokens.ts';
import { sweepBlobs } from '../retention/blob-sweep.ts';
import type { Services } from '../services.ts';

const PERIOD_MS = 3_600_000;
/** Rows of one statement: a few milliseconds, so that nobody waits behind it. */
const BATCH = 500;
const BATCHES_MOST = 200;
const REST_MS = 100;

/** Forgets nodes that were deleted long ago, lapsed sessions and objects that no row names, once an hour, a little at a time. Any number of processes may. */
export function startPruning(services: Services): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const loop = new Loop(services.clock, { period_ms: PERIOD_MS, rest_ms: 0 }, async () => {
    await prune(services, stopping.signal);
    await sweepBlobs(services, stopping.signal);
    return undefined;
  });
  loop.start();
  return {
    async stop() {
      stopping.abort(new Error('stopped'));
      await loop.stop();
    },
  };
}

/** One round. Exported for tests. Errors end in the log; the next round goes on. */
export async function prune(services: Services, signal?: AbortSignal): Promise<void> {
  const { clock, connection, log } = services;
  try {
    for (const step of [pruneEvents, pruneAssignments, pruneNodes, pruneTokens]) {
      for (let batch = 0; batch < BATCHES_MOST && signal?.aborted !== true; batch++) {
        if ((await step(connection.db, BATCH)) < BATCH) break;
        await clock.sleep(REST_MS, signal);
      }
    }
  } catch (error) {
    if (signal?.aborted !== true)
      log.warn({ error: messageOf(error) }, 'old nodes and sessions could not be forgotten');
  }
}
