import { startAllocator } from '../flow/allocate/allocate.ts';
import { startReaper } from '../flow/finish/reap.ts';
import { FleetConfiguration } from '../flow/fleet/configuration.ts';
import { startFleet } from '../flow/fleet/fleet.ts';
import type { Services } from '../flow/services.ts';
import { ingestHandlers } from '../flow/work/ingest.ts';
import { startWorker } from '../queue/worker.ts';
import type { ServerRole } from './options.ts';

/** Anything that goes on until it is stopped. */
export interface Loop {
  stop(): Promise<void> | void;
}

/** Kubernetes gives 30 s by default; what is left after this is for closing connections. */
const DRAIN_BUDGET_MS = 20_000;
const WORKER_CONCURRENCY = 2;

/** Starts what the roles do beside serving. */
export function startLoops(services: Services, roles: ReadonlySet<ServerRole>): Loop[] {
  const loops: Loop[] = [];
  if (roles.has('fleet')) loops.push(startNodes(services), startReaper(services));
  if (roles.has('worker')) {
    loops.push(
      startWorker({
        ...services,
        lanes: ['fetch', 'ingest', 'postprocess', 'notify'],
        handlers: ingestHandlers(services),
        concurrency: WORKER_CONCURRENCY,
        drain_budget_ms: DRAIN_BUDGET_MS,
      }),
    );
  }
  return loops;
}

function startNodes(services: Services): Loop {
  const configuration = new FleetConfiguration(services);
  const loops = [startAllocator(services, configuration), startFleet(services, configuration)];
  return {
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
      await configuration.leave();
    },
  };
}
