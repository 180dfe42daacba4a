import type { TestContext } from 'vitest';
import { World, type WorldOptions } from './world.ts';

const LOG_SHOWN_CHARACTERS = 6_000;

/** A world for one test: removed at its end, however that comes; the end of the server's log is shown on failure. */
export function testWorld(context: TestContext, options: WorldOptions = {}): World {
  const world = new World(options);
  context.onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') {
      process.stderr.write(`\n── the server's log, its end\n${world.logTail(LOG_SHOWN_CHARACTERS)}\n`);
    }
    await world.close();
  }, 60_000);
  return world;
}
