interface MetricName {
  /** For people, and for whoever scrapes. */
  help: string;
  labels: readonly string[];
}

/** What is counted: `runs_finished` is `groundcrew_runs_finished_total`. */
export const COUNTERS = {
  nodes_planned: { help: 'nodes that the planner wanted', labels: ['provider', 'node_type'] },
  nodes_retired: { help: 'nodes that the planner ended, by cause', labels: ['provider', 'cause'] },
  runs_finished: { help: 'runs with a verdict', labels: ['verdict'] },
  runs_taken_back: { help: 'assignments that no agent took in time', labels: [] },
  http_requests: { help: 'requests by route and status', labels: ['method', 'route', 'status'] },
} as const satisfies Record<string, MetricName>;

/** What is measured: `request_wait` is the histogram `groundcrew_request_wait_seconds`. */
export const DURATIONS = {
  request_wait: { help: 'from a request to its nodes', labels: [] },
  plan_turn: { help: 'one turn of the planner', labels: [] },
  run_part: { help: 'what agents took for a run: checkout, steps, upload', labels: ['part'] },
  http_request: { help: 'answering a request', labels: ['method', 'route'] },
} as const satisfies Record<string, MetricName>;

/** What is read from the database when it is asked for. */
export const GAUGES = {
  nodes: { help: 'nodes by provider and state', labels: ['provider', 'state'] },
  runs: { help: 'unfinished runs by state', labels: ['state'] },
  requests_waiting: { help: 'requests that wait for nodes', labels: [] },
  queue_items: { help: 'work items by lane and state', labels: ['lane', 'state'] },
  queue_oldest_waiting_seconds: { help: 'how long the oldest item of a lane has waited', labels: ['lane'] },
  node_launch_seconds: {
    help: 'from the plan of a node to its being ready, smoothed',
    labels: ['provider', 'node_type'],
  },
  agents_connected: { help: 'agents connected to this process', labels: [] },
  streams_open: { help: 'live streams open to this process', labels: [] },
} as const satisfies Record<string, MetricName>;
