import type { RequestId } from '../src/base/ids.ts';
import { BareCommit } from './bare-commit.ts';
import type { BenchContext } from './context.ts';
import type { Figure } from './figure.ts';
import { type FlowWorld, inFlowWorld } from './flow-world.ts';
import { absoluteFigures, interleave, ratioFigure } from './rounds.ts';
import { percentile } from './statistics.ts';

const REQUESTS_PER_SECOND = 100;
const ROUNDS = 8;
const ROUND_S = 2;
/** Deep enough that nobody waits for a launch: what is measured is the allocation. */
const READY = 200;

/**
 * From before the request's transaction until the assignment was heard of after its commit, at 100 requests a second,
 * while the fleet role deletes and refills as many nodes in the same process.
 */
export async function* figures(context: BenchContext): AsyncGenerator<Figure> {
  yield* inFlowWorld(context, READY, async function* (world) {
    await world.warm(READY);
    const bare = new BareCommit(world.db, context.clock);
    await bare.prepare();
    context.progress(`${ROUNDS} rounds of ${ROUND_S} s`);
    const p50: number[] = [];
    const p99: number[] = [];
    const { floor } = await interleave(ROUNDS, {
      floor: async () => percentile(await commits(context, bare, ROUND_S), 0.5),
      ours: async () => {
        const latencies = await round(context, world, ROUND_S);
        p50.push(percentile(latencies, 0.5));
        p99.push(percentile(latencies, 0.99));
        return p50.at(-1) as number;
      },
    });
    // The first round warmed up.
    const measured = { p50: p50.slice(1), p99: p99.slice(1), 'a bare commit': floor };
    yield ratioFigure('allocation: p50 to a bare commit', measured.p50, floor, { at_most: 4 });
    yield ratioFigure('allocation: p99 to a bare commit', measured.p99, floor, { at_most: 20 });
    yield* absoluteFigures(measured, 'ms', (side) => `allocation: ${side} at 100 requests/s`);
  });
}

/** Bare commits at the same pace; how long each took, milliseconds. */
async function commits({ clock }: BenchContext, bare: BareCommit, length_s: number): Promise<number[]> {
  const pending: Promise<number>[] = [];
  const began_ms = clock.monotonic_ms();
  for (let index = 0; index < length_s * REQUESTS_PER_SECOND; index++) {
    const wait_ms = began_ms + (index * 1_000) / REQUESTS_PER_SECOND - clock.monotonic_ms();
    if (wait_ms > 0) await clock.sleep(wait_ms);
    pending.push(bare.once());
  }
  return await Promise.all(pending);
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
