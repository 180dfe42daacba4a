/**
 * The order in which a transaction first locks rows of tables that others lock as well: two transactions that both keep
 * it never wait for each other in a circle. Rows of one table are locked in the order of their ids. Tests of the flow
 * run under a trace (`testing/lock-trace.ts`) that fails at a transaction that goes back in this list, or that locks rows
 * of a table which is not in it.
 */
export const LOCK_ORDER = [
  // A submission holds its project, so that two of the same make one build.
  'projects',
  'builds',
  'submissions',
  'environments',
  // The allocator: requests, then the nodes that they get, then the runs that wanted them.
  'requests',
  'nodes',
  // What a run's files hold is committed with its verdict.
  'result_chunks',
  'project_chunks',
  'run_results',
  'run_failures',
  'run_chunks',
  'run_traces',
  'runs',
  // What hangs on a node or a run, under its lock.
  'run_steps',
  'run_logs',
  'log_chunks',
  'artifacts',
  'holds',
  // What was handed out follows its run and its node, under the locks of both.
  'assignments',
  'pool_status',
  'provider_status',
  'providers',
  'leaks',
  // A work item's end is committed with its effect, and an end of a run enqueues.
  'work_items',
  // Each in a transaction of its own.
  'leases',
] as const;
