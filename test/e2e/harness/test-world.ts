import { afterAll, beforeAll, type TestContext } from 'vitest';
import { placeEmptyCluster, removeTemplate } from './template.ts';
import { World, type WorldOptions } from './world.ts';

const LOG_SHOWN_CHARACTERS = 6_000;
const CLOSE_WITHIN_MS = 240_000;

// Test processes are ended without an exit of their own, so the template goes with the file that made it.
afterAll(removeTemplate);

function showLog(world: World): void {
  process.stderr.write(`\n── the server's log, its end\n${world.logTail(LOG_SHOWN_CHARACTERS)}\n`);
}

/** A world for one test: removed at its end, however that comes; the end of the server's log is shown on failure. */
export async function testWorld(context: TestContext, options: WorldOptions = {}): Promise<World> {
  const world = new World(options);
  context.onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') showLog(world);
    await world.close();
  }, CLOSE_WITHIN_MS);
  if (options.is_new !== true && options.database_url === undefined) await placeEmptyCluster(world.data);
  return world;
}

/** A world with a running server for all tests of a file: it must come to rest without anything left after them. */
export function sharedWorld(options: WorldOptions = {}): () => World {
  let world: World | null = null;
  beforeAll(async () => {
    world = new World(options);
    await placeEmptyCluster(world.data);
    await world.start();
  }, CLOSE_WITHIN_MS);
  afterAll(async () => {
    if (world === null) return;
    try {
      await world.rest();
    } catch (error) {
      showLog(world);
      throw error;
    } finally {
      await world.close();
    }
  }, 2 * CLOSE_WITHIN_MS);
  return () => {
    if (world === null) throw new Error('the world is made before the first test');
    return world;
  };
}
