import { expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { seededRandom, systemRandom } from '../../src/base/random.ts';
import { testWorld } from '../e2e/harness/test-world.ts';
import { until } from '../e2e/harness/wait.ts';
import type { World } from '../e2e/harness/world.ts';
import { cancelWork, expectRight, hasEnded, releaseHolds, submitWork, type Work } from './jobs.ts';
import { someMishap } from './mishaps.ts';

const DURATION_S = Number(process.env.GROUNDCREW_SOAK_SECONDS || 75);
const SEED = Number(process.env.GROUNDCREW_SOAK_SEED || systemRandom.bytes(4).readUInt32BE());
/** Submissions under way at a time. */
const LIVE_MOST = 4;
/** A lost run is noticed after 60 s, a leaked machine is destroyed after another 60 s. */
const SETTLE_WITHIN_MS = 200_000;

function tell(sentence: string): void {
  process.stdout.write(`  ${sentence}\n`);
}

/** Keeps a few submissions under way; some are cancelled at a moment that chance chooses. */
async function keepBusy(world: World, seed: number, end_ms: number, all: Work[]): Promise<void> {
  const random = seededRandom(seed);
  const cancels: Promise<void>[] = [];
  let live: Work[] = [];
  while (systemClock.monotonic_ms() < end_ms) {
    const still = await Promise.all(live.map(async (work) => !(await hasEnded(world, work).catch(() => false))));
    for (const work of live.filter((_, index) => !still[index])) {
      if (work.kind.hold) await until('the hold is released', 60_000, async () => await releaseHolds(world, work));
    }
    live = live.filter((_, index) => still[index]);
    if (live.length < LIVE_MOST) {
      const work = await submitWork(world, random);
      all.push(work);
      live.push(work);
      if (work.kind.is_cancelled) {
        const delay_ms = random.fraction() * 6_000;
        cancels.push(systemClock.sleep(delay_ms).then(async () => await cancelWork(world, work)));
      }
    }
    await systemClock.sleep(200);
  }
  await Promise.all(cancels);
}

async function letThingsHappen(world: World, seed: number, end_ms: number): Promise<void> {
  const random = seededRandom(seed);
  while (systemClock.monotonic_ms() < end_ms) {
    await systemClock.sleep(1_000 + random.fraction() * 7_000);
    tell(await someMishap(world, random));
  }
}

it(`everything is right in the end after ${DURATION_S} s of mishaps`, async (context) => {
  tell(`seed ${SEED}: GROUNDCREW_SOAK_SEED=${SEED} tries the same order of mishaps again`);
  const world = await testWorld(context, { ready: 2, nodes: 8 });
  await world.start();
  const end_ms = systemClock.monotonic_ms() + DURATION_S * 1000;
  const all: Work[] = [];
  await Promise.all([keepBusy(world, SEED, end_ms, all), letThingsHappen(world, SEED + 1, end_ms)]);
  tell(`${all.length} submissions; no more mishaps, waiting for rest`);
  await until(
    'every run has ended',
    SETTLE_WITHIN_MS / 4,
    async () => {
      const ended = await Promise.all(all.map(async (work) => await hasEnded(world, work)));
      return ended.every((has) => has);
    },
    500,
  );
  await until('the queue is empty', 30_000, async () => {
    const { items } = await world.client.call('getQueue');
    return items.every(({ waiting, running }) => waiting + running === 0);
  });
  const { items } = await world.client.call('getQueue');
  expect(items.filter(({ dead }) => dead > 0)).toEqual([]);
  for (const work of all) await expectRight(world, work);
  const submissions = await world.rows<{ count: number }>('select count(*)::int as count from submissions');
  expect(submissions).toEqual([{ count: all.length }]);
  // One run a node, whatever was handed out again.
  const reused = await world.rows(
    "select node_id from run_assignments where state <> 'taken_back' group by node_id having count(*) > 1",
  );
  expect(reused).toEqual([]);
  world.configure({ ready: 0 });
  await world.restart();
  await world.rest();
  tell(`${all.length} submissions were right`);
});
