import { defineConfig } from 'vitest/config';

/** Long tries with chance in them, apart from the test suite: `npm run soak`. */
export default defineConfig({
  test: { include: ['test/soak/mishaps.soak.ts'], pool: 'forks', testTimeout: 1_200_000, hookTimeout: 300_000 },
});
