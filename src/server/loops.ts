import { startAllocator } from '../flow/allocate/allocate.ts';
import { startReaper } from '../flow/finish/reap.ts';
import { FleetConfiguration } from '../flow/fleet/configuration.ts';
import { startFleet } from '../flow/fleet/fleet.ts';
import type { Services } from '../flow/services.ts';
import { workKinds } from '../flow/work/all.ts';
import { startWorker } from '../queue/worker.ts';
import type { ServerOptions } from './options.ts';

/** Anything that goes on until it is stopped. */
export interface Loop {
  stop(): Promise<void> | void;
}

/** Starts what the roles do beside serving. */
export function startLoops(
  services: Services,
  options: Pick<ServerOptions, 'roles' | 'lanes' | 'drain_budget_ms'>,
): Loop[] {
  const { roles, lanes, drain_budget_ms } = options;
  const loops: Loop[] = [];
  if (roles.has('fleet')) loops.push(startNodes(services), startReaper(services));
  if (roles.has('worker')) {
    loops.push(
      startWorker({
        ...services,
        lanes,
        kinds: workKinds(services),
        drain_budget_ms,
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
