import type { TestProject } from 'vitest/node';
import type {} from '../src/store/testing/database.ts';
import { startTestServer } from '../src/store/testing/server.ts';
import { leftOutLines } from '../tools/needs/left-out.ts';

/** One PostgreSQL for all test processes of a run, see `testDatabase`; and in the end, what was left out. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { server, stop } = await startTestServer();
  project.provide('test_server', server);
  return async () => {
    await stop();
    const lines = leftOutLines(project.vitest.state.getFiles());
    if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n\n`);
  };
}
