import type { Database } from './schema/database.ts';
import type { Views } from './schema/views.ts';

/** The one folder under `src/` that writes each table; a check reads the SQL for it. */
export const TABLE_OWNERS: Readonly<Record<Exclude<keyof Database, keyof Views>, string>> = {
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
  providers: 'nodes',
  pool_status: 'nodes',
  requests: 'requests',
  assignments: 'assignments',
  projects: 'builds',
  environments: 'builds',
  builds: 'builds',
  submissions: 'runs',
  jobs: 'runs',
  job_dependencies: 'runs',
  runs: 'runs',
  run_steps: 'runs',
  run_logs: 'runs',
  log_chunks: 'runs',
  artifacts: 'runs',
  result_chunks: 'results',
  project_chunks: 'results',
  run_results: 'results',
  run_chunks: 'results',
  run_failures: 'results',
  run_traces: 'results',
};

/**
 * What the owners show their neighbours: of another folder's tables nothing else is read, and no row of them is locked. A
 * check reads the SQL for it. A new view is a migration of its owner's, plain (no aggregate, no sort), with the columns
 * that neighbours need; a column that a view has is changed by a migration that makes the view anew.
 */
export const VIEW_OWNERS: Readonly<Record<keyof Views, string>> = {
  dead_items: 'queue',
  node_states: 'nodes',
  node_sessions: 'nodes',
  live_holds: 'nodes',
  request_states: 'requests',
  live_assignments: 'assignments',
  run_assignments: 'assignments',
  node_assignments: 'assignments',
  build_names: 'builds',
  environment_names: 'builds',
  job_runs: 'runs',
  run_counts: 'results',
  run_lists: 'results',
  failure_briefs: 'results',
  chunk_names: 'results',
  project_lists: 'results',
};
