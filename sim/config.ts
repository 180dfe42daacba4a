import type { Config, NodeTypeConfig } from '../src/config/schema.ts';

function nodeType(labels: string[], limit: number | null): NodeTypeConfig {
  const times = { boot_timeout_ms: 60_000, preflight: [] };
  return { name: labels[0] as string, labels, limits: { nodes: limit }, ...times, env: {}, options: {} };
}

/** Two clouds that have more to give than may be taken of them, and one label at both. */
export const FLEET_CONFIG: Config = {
  labels: { jammy: { ready: 2, max_ready_age_ms: null }, noble: { ready: 1, max_ready_age_ms: 600_000 } },
  providers: {
    near: {
      ...{ driver: 'simulated', options: {}, written: {}, limits: { nodes: 5 } },
      nodes: [nodeType(['jammy', 'x86_64'], 4), nodeType(['noble', 'x86_64'], null)],
    },
    far: {
      ...{ driver: 'simulated', options: {}, written: {}, limits: { nodes: 6 } },
      nodes: [nodeType(['jammy', 'x86_64'], null)],
    },
  },
  holds: [],
  server: { host: '127.0.0.1', port: 0, data_directory: '/simulated', database_url: null },
  blobs: { directory: 'blobs' },
};
