import type { NodeId } from '../src/base/ids.ts';
import { BareCommit } from './bare-commit.ts';
import type { BenchContext } from './context.ts';
import type { Figure } from './figure.ts';
import { type FlowWorld, inFlowWorld } from './flow-world.ts';
import { absoluteFigures, interleave, ratioFigure } from './rounds.ts';
import { median } from './statistics.ts';

const REQUESTS = 500;
const ROUNDS = 5;
const COMMITS = 200;
/** Present as well in the second part: idle, of another label. */
const OTHERS = 10_000;

/**
 * 500 requests at once on 500 warm nodes: from the first until every assignment is committed and heard of, the
 * requests' own transactions and the refill by the fleet role included. Then the same beside ten thousand other nodes.
 */
export async function* figures(context: BenchContext): AsyncGenerator<Figure> {
  const alone: Bursts = yield* measured(context, 0);
  const among: Bursts = yield* measured(context, OTHERS);
  // Each part is told by its own floor, since the machine may have changed between them.
  const [among_commits, alone_commits] = [among, alone].map(({ ours, floor }) => median(ours) / median(floor));
  yield ratioFigure('burst: with 10,000 nodes present, to without', [among_commits ?? 0], [alone_commits ?? 0], {
    at_most: 2,
  });
}

interface Bursts {
  /** Milliseconds of each burst. */
  ours: number[];
  /** Milliseconds of a bare commit. */
  floor: number[];
}

async function* measured(context: BenchContext, others: number): AsyncGenerator<Figure, Bursts> {
  const result: Bursts = { ours: [], floor: [] };
  yield* inFlowWorld({ ...context, directory: `${context.directory}/${others}` }, REQUESTS, async function* (world) {
    await world.addIdle(others);
    const bare = new BareCommit(world.db, context.clock);
    await bare.prepare();
    Object.assign(
      result,
      await interleave(ROUNDS, { ours: () => burst(context, world), floor: () => bareCommits(bare) }),
    );
    const name = others === 0 ? 'burst: 500 requests on 500 warm nodes' : `burst: the same with ${others} nodes`;
    yield ratioFigure(`${name}, to a bare commit`, result.ours, result.floor, { at_most: others === 0 ? 150 : 300 });
    yield* absoluteFigures({ [name]: result.ours }, 'ms', (side) => side);
  });
  return result;
}

async function bareCommits(bare: BareCommit): Promise<number> {
  const took_ms: number[] = [];
  for (let index = 0; index < COMMITS; index++) took_ms.push(await bare.once());
  return median(took_ms);
}

async function burst({ clock, progress }: BenchContext, world: FlowWorld): Promise<number> {
  await world.warm(REQUESTS);
  const before = new Set<NodeId>((await world.assignments()).values());
  const began_ms = clock.monotonic_ms();
  await Promise.all(Array.from({ length: REQUESTS }, () => world.ask()));
  for (;;) {
    const nodes = [...(await world.assignments()).values()].filter((id) => !before.has(id));
    const heard = nodes.flatMap((id) => world.heard_ms.get(id) ?? []);
    if (heard.length >= REQUESTS) {
      const took_ms = Math.max(...heard) - began_ms;
      progress(`burst: ${Math.round(took_ms)} ms`);
      await world.giveBack();
      return took_ms;
    }
    await clock.sleep(20);
  }
}
