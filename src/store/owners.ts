import type { Database } from './schema/database.ts';

/** The one folder under `src/` that writes each table; a check reads the SQL for it. */
export const TABLE_OWNERS: Readonly<Record<keyof Database, string>> = {
  deployment: 'store',
  tokens: 'store',
  audit_log: 'store',
  leases: 'store',
  alive_clock: 'store',
  work_items: 'queue',
  nodes: 'nodes',
  node_events: 'nodes',
  holds: 'nodes',
  leaks: 'nodes',
  provider_status: 'nodes',
  pool_status: 'nodes',
  requests: 'requests',
  projects: 'runs',
  environments: 'runs',
  builds: 'runs',
  submissions: 'runs',
  jobs: 'runs',
  job_dependencies: 'runs',
  runs: 'runs',
  run_steps: 'runs',
  run_logs: 'runs',
  log_chunks: 'runs',
  artifacts: 'runs',
};
