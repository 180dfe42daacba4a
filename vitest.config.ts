import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{src,agent,bench,tools,sim,test,web}/**/*.test.{ts,tsx}'],
    globalSetup: ['test/global-setup.ts'],
    pool: 'forks',
    // One more than the cores that CI has: a good part of these tests waits for processes, leases and deadlines.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Of `expect.poll`, which waits for a browser: as long as the browser's own waits, not the one second that it is else.
    expect: { poll: { timeout: 15_000 } },
  },
});
