import type { RequestId } from '../src/base/ids.ts';
import type { BenchContext } from './context.ts';
import { type Figure, figure } from './figure.ts';
import { type FlowWorld, inFlowWorld } from './flow-world.ts';
import { median, percentile } from './statistics.ts';

const REQUESTS_PER_SECOND = 100;
const ROUNDS = 5;
const ROUND_S = 4;
/** Deep enough that nobody waits for a launch: what is measured is the allocation. */
const READY = 200;

/**
 * From before the request's transaction until the assignment was heard of after its commit, at 100 requests a second,
 * while the fleet role deletes and refills as many nodes in the same process.
 */
export async function* figures(context: BenchContext): AsyncGenerator<Figure> {
  yield* inFlowWorld(context, READY, async function* (world) {
    await world.warm(READY);
    context.progress('warming up');
    await round(context, world, 2);
    const rounds: number[][] = [];
    for (let index = 0; index < ROUNDS; index++) rounds.push(await round(context, world, ROUND_S));
    const p50 = median(rounds.map((latencies) => percentile(latencies, 0.5)));
    const p99 = median(rounds.map((latencies) => percentile(latencies, 0.99)));
    yield figure('allocation: p50 at 100 requests/s', p50, 'ms', { at_most: 5 });
    yield figure('allocation: p99 at 100 requests/s', p99, 'ms', { at_most: 50 });
  });
}

/** Latencies in milliseconds, one a request. */
async function round({ clock }: BenchContext, world: FlowWorld, length_s: number): Promise<number[]> {
  const asked = new Map<RequestId, number>();
  const pending: Promise<unknown>[] = [];
  const count = length_s * REQUESTS_PER_SECOND;
  const began_ms = clock.monotonic_ms();
  for (let index = 0; index < count; index++) {
    const due_ms = began_ms + (index * 1_000) / REQUESTS_PER_SECOND;
    const wait_ms = due_ms - clock.monotonic_ms();
    if (wait_ms > 0) await clock.sleep(wait_ms);
    const at_ms = clock.monotonic_ms();
    pending.push(world.ask().then((id) => asked.set(id, at_ms)));
    if (index % 10 === 9) pending.push(world.giveBack());
  }
  await Promise.all(pending);
  const latencies = await latenciesOf(world, asked, clock);
  await world.giveBack();
  await world.warm(READY);
  return latencies;
}

async function latenciesOf(
  world: FlowWorld,
  asked: ReadonlyMap<RequestId, number>,
  clock: BenchContext['clock'],
): Promise<number[]> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const nodes = await world.assignments();
    const latencies = [...asked].map(([id, at_ms]) => {
      const node = nodes.get(id);
      return ((node === undefined ? undefined : world.heard_ms.get(node)) ?? Number.NaN) - at_ms;
    });
    if (latencies.every(Number.isFinite)) return latencies;
    await clock.sleep(50);
  }
  return [];
}
