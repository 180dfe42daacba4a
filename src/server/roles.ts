import { startAllocator } from '../flow/allocate/allocate.ts';
import { startReaper } from '../flow/finish/reap.ts';
import { followConfiguration } from '../flow/fleet/configuration.ts';
import { startFleet } from '../flow/fleet/fleet.ts';
import type { Services } from '../flow/services.ts';
import { workKinds } from '../flow/work/all.ts';
import { startWorker } from '../queue/worker.ts';
import type { ServerOptions } from './options.ts';

/** Anything that goes on until it is stopped. */
export interface Running {
  stop(): Promise<void> | void;
}

/** Starts what the roles do beside serving. */
export function startRoles(
  services: Services,
  options: Pick<ServerOptions, 'roles' | 'lanes' | 'drain_budget_ms'>,
): Running[] {
  const { roles, lanes, drain_budget_ms } = options;
  const running: Running[] = [];
  if (roles.has('fleet')) running.push(startNodes(services), startReaper(services));
  if (roles.has('worker')) {
    running.push(
      startWorker({
        ...services,
        lanes,
        kinds: workKinds(services),
        drain_budget_ms,
      }),
    );
  }
  return running;
}

function startNodes(services: Services): Running {
  const configuration = followConfiguration(services);
  const running = [startAllocator(services, configuration), startFleet(services, configuration)];
  return {
    async stop() {
      await Promise.all(running.map((one) => one.stop()));
      await configuration.leave();
    },
  };
}
