import type { NodeId } from '../src/base/ids.ts';
import type { BenchContext } from './context.ts';
import { type Figure, figure } from './figure.ts';
import { type FlowWorld, inFlowWorld } from './flow-world.ts';
import { median } from './statistics.ts';

const REQUESTS = 500;
const ROUNDS = 5;

/**
 * 500 requests at once on 500 warm nodes: from the first until every assignment is committed and heard of, the
 * requests' own transactions and the refill by the fleet role included.
 */
export async function* figures(context: BenchContext): AsyncGenerator<Figure> {
  yield* inFlowWorld(context, REQUESTS, async function* (world) {
    const values: number[] = [];
    for (let index = 0; index <= ROUNDS; index++) {
      await world.warm(REQUESTS);
      const took_ms = await burst(context, world);
      // The first one warms up.
      if (index > 0) values.push(took_ms);
      context.progress(`burst ${index}: ${Math.round(took_ms)} ms`);
      await world.giveBack();
    }
    yield figure('burst: 500 requests on 500 warm nodes', median(values), 'ms', { at_most: 1_000 });
  });
}

async function burst({ clock }: BenchContext, world: FlowWorld): Promise<number> {
  const before = new Set<NodeId>((await world.assignments()).values());
  const began_ms = clock.monotonic_ms();
  await Promise.all(Array.from({ length: REQUESTS }, () => world.ask()));
  for (;;) {
    const nodes = [...(await world.assignments()).values()].filter((id) => !before.has(id));
    const heard = nodes.flatMap((id) => world.heard_ms.get(id) ?? []);
    if (heard.length >= REQUESTS) return Math.max(...heard) - began_ms;
    await clock.sleep(20);
  }
}
