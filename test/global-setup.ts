import type { TestProject } from 'vitest/node';
import type {} from '../src/store/testing/database.ts';
import { startTestServer } from '../src/store/testing/server.ts';

/** One PostgreSQL for all test processes of a run; see `testDatabase`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { server, stop } = await startTestServer();
  project.provide('test_server', server);
  return stop;
}
