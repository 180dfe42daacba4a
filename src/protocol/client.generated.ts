// Generated from the API description by `npm run generate`. Do not edit.

export interface Operations {
  /** The process runs. */
  live: { path: Record<never, never>; query: Record<never, never>; body: undefined; answer: { status: string; version: string } };
  /** It serves and its database answers; 503 when not. */
  ready: { path: Record<never, never>; query: Record<never, never>; body: undefined; answer: { status: string; version: string } };
  /** Who the token belongs to. */
  whoAmI: { path: Record<never, never>; query: Record<never, never>; body: undefined; answer: { name: string; role: "viewer" | "submitter" | "operator" | "admin"; version: string; deployment_id: string } };
  /** Make a one-use link that signs a browser in as the caller. */
  createEnterLink: { path: Record<never, never>; query: Record<never, never>; body: undefined; answer: { url: string; expires_at: string } };
  /** End the browser session. */
  leave: { path: Record<never, never>; query: Record<never, never>; body: undefined; answer: { done: true } };
  /** API tokens. */
  listTokens: { path: Record<never, never>; query: Record<never, never>; body: undefined; answer: { items: ({ id: number; name: string; role: "viewer" | "submitter" | "operator" | "admin"; created_at: string; expires_at: string | null; revoked_at: string | null })[] } };
  /** Make an API token. */
  createToken: { path: Record<never, never>; query: Record<never, never>; body: { name: string; role: "viewer" | "submitter" | "operator" | "admin"; expires_in_ms?: number | undefined }; answer: { token: { id: number; name: string; role: "viewer" | "submitter" | "operator" | "admin"; created_at: string; expires_at: string | null; revoked_at: string | null }; secret: string } };
  /** Revoke an API token, and with it the sessions that come from it. */
  revokeToken: { path: { id: number }; query: Record<never, never>; body: undefined; answer: { done: true } };
  /** The identifier that our machines carry, and whether this deployment only observes. */
  getDeployment: { path: Record<never, never>; query: Record<never, never>; body: undefined; answer: { id: string; observing: boolean } };
  /** End observing: from now on this deployment launches and deletes machines. */
  agreeDeployment: { path: Record<never, never>; query: Record<never, never>; body: undefined; answer: { id: string; observing: boolean } };
  /** Labels, providers and pools by state. */
  getFleet: { path: Record<never, never>; query: Record<never, never>; body: undefined; answer: { observing: boolean; problems: ({ code: "disk" | "configuration" | "provider" | "pool" | "held"; subject: string; provider: string | null; node_type: string | null; text: string })[]; labels: ({ label: string; target: number; ready: number; coming: number; used: number; held: number; waiting: number; wait_p95_ms: number | null; waits_last_hour: (number | null)[] })[]; providers: ({ provider: string; driver: string; state: "ok" | "paused" | "failing" | "broken"; problem: string | null; since: string | null; next_try_at: string | null; nodes: number; limit: number | null; cores: number; limit_cores: number | null; by_state: Record<string, number>; launch_p50_ms: number | null; launches_ok: number; launches_failed: number })[]; pools: { provider: string; node_type: string; labels: string[]; by_state: Record<string, number> }[] } };
  /** Machines of ours that no node accounts for. */
  listLeaks: { path: { provider: string }; query: Record<never, never>; body: undefined; answer: { items: ({ external_id: string; kind: string; node_id: string | null; reason: string; first_seen_at: string; agreed_by: string | null })[] } };
  /** Let these leaks be destroyed, though they are more than the sweep dares by itself. */
  agreeLeaks: { path: { provider: string }; query: Record<never, never>; body: { external_ids: string[] }; answer: { agreed: string[] } };
  /** Work items by lane. */
  getQueue: { path: Record<never, never>; query: Record<never, never>; body: undefined; answer: { items: ({ lane: string; waiting: number; running: number; dead: number; oldest_waiting_ms: number | null })[] } };
  /** Work items that failed for good, newest first. */
  listDeadItems: { path: Record<never, never>; query: { cursor?: string | undefined; limit?: number | undefined }; body: undefined; answer: { items: ({ id: number; lane: string; kind: string; key: string; failures: number; interruptions: number; error: string | null; died_at: string | null })[]; next_cursor: string | null } };
  /** Have a dead work item tried again, from its checkpoint. */
  retryDeadItem: { path: { id: number }; query: Record<never, never>; body: undefined; answer: { done: true } };
  /** Nodes, newest first. */
  listNodes: { path: Record<never, never>; query: { state?: string | undefined; label?: string | undefined; provider?: string | undefined; node_type?: string | undefined; cursor?: string | undefined; limit?: number | undefined }; body: undefined; answer: { items: ({ id: string; provider: string; node_type: string; labels: string[]; state: string; state_since: string; deadline: string | null; run_id: number | null; plan_reason: string; end_reason: string | null; hold_reason: string | null; fault: string | null; created_at: string; ready_at: string | null; deleted_at: string | null; unheard_since: string | null; actions: string[] })[]; next_cursor: string | null } };
  /** One node: its story, facts and checks. */
  getNode: { path: { id: string }; query: Record<never, never>; body: undefined; answer: { node: { id: string; provider: string; node_type: string; labels: string[]; state: string; state_since: string; deadline: string | null; run_id: number | null; plan_reason: string; end_reason: string | null; hold_reason: string | null; fault: string | null; created_at: string; ready_at: string | null; deleted_at: string | null; unheard_since: string | null; actions: string[] }; hold: ({ id: number; node_id: string; run_id: number | null; owner: string; reason: string; created_at: string; expires_at: string; shell_command: string }) | null; events: { at: string; state: string; reason: string; actor: string }[]; facts: Record<string, unknown> | null; preflight: { name: string; outcome: string; tries: number; duration_ms: number; detail: string }[]; machine: { external_id: string; addresses: string[]; host_keys: string[] } | null; console: string | null; sentence: string } };
  /** Delete a node. */
  deleteNode: { path: { id: string }; query: Record<never, never>; body: undefined; answer: { done: true } };
  /** Nodes kept for people, soonest end first. */
  listHolds: { path: Record<never, never>; query: Record<never, never>; body: undefined; answer: { items: ({ id: number; node_id: string; run_id: number | null; owner: string; reason: string; created_at: string; expires_at: string; shell_command: string })[] } };
  /** Keep a node for yourself. */
  holdNode: { path: { id: string }; query: Record<never, never>; body: { reason?: string | undefined; duration_ms?: number | undefined }; answer: { done: true } };
  /** Keep a held node for longer, from now. */
  extendHold: { path: { id: string }; query: Record<never, never>; body: { reason?: string | undefined; duration_ms?: number | undefined }; answer: { done: true } };
  /** End a hold: the node is deleted. */
  releaseHold: { path: { id: string }; query: Record<never, never>; body: undefined; answer: { done: true } };
  /** Requests, newest first. */
  listRequests: { path: Record<never, never>; query: { state?: string | undefined; label?: string | undefined; cursor?: string | undefined; limit?: number | undefined }; body: undefined; answer: { items: ({ id: string; expressions: string[]; state: string; reason: string | null; requester: string; priority: number; run_id: number | null; node_ids: string[]; created_at: string; ended_at: string | null; waited_ms: number })[]; next_cursor: string | null } };
  /** One request, and why it waits. */
  getRequest: { path: { id: string }; query: Record<never, never>; body: undefined; answer: { request: { id: string; expressions: string[]; state: string; reason: string | null; requester: string; priority: number; run_id: number | null; node_ids: string[]; created_at: string; ended_at: string | null; waited_ms: number }; explanation: { sentence: string; decision: { code: string; sentence: string; data: Record<string, unknown> } | null; lines: { subject: string; text: string }[]; expected: string | null } } };
  /** Why a request waits, or how it ended. */
  explainRequest: { path: { id: string }; query: Record<never, never>; body: undefined; answer: { sentence: string; decision: { code: string; sentence: string; data: Record<string, unknown> } | null; lines: { subject: string; text: string }[]; expected: string | null } };
  /** Upload sources as tar.gz, to be named in a submission. */
  uploadCheckout: { path: Record<never, never>; query: Record<never, never>; body: undefined; answer: { checkout: string; size: number; sha256: string } };
  /** Submit a job file; with a header Idempotency-Key the same submission is made once. */
  submit: { path: Record<never, never>; query: Record<never, never>; body: { job_file: string; file?: string | undefined; variables?: Record<string, string> | undefined; checkout?: string | undefined }; answer: { id: number; project: string; build: string; build_id: number; runs: ({ id: number; project: string; build: string; build_id: number; submission_id: number; job: string; environment: string; attempt: number; state: string; verdict: string | null; reason: string | null; node_id: string | null; held: boolean; request_id: string | null; created_at: string; queued_at: string | null; assigned_at: string | null; started_at: string | null; ended_at: string | null; finished_at: string | null; waited_ms: number | null; ran_ms: number | null; counts: { pass: number; fail: number; skip: number; xfail: number; error: number; flaky: number } | null })[]; impossible: { run_id: number; reason: string }[] } };
  /** Cancel every unfinished run of a submission. */
  cancelSubmission: { path: { id: number }; query: Record<never, never>; body: { reason?: string | undefined }; answer: { done: true; cancelled: number[] } };
  /** Runs, newest first. */
  listRuns: { path: Record<never, never>; query: { project?: string | undefined; build?: string | undefined; state?: string | undefined; verdict?: string | undefined; node?: string | undefined; cursor?: string | undefined; limit?: number | undefined }; body: undefined; answer: { items: ({ id: number; project: string; build: string; build_id: number; submission_id: number; job: string; environment: string; attempt: number; state: string; verdict: string | null; reason: string | null; node_id: string | null; held: boolean; request_id: string | null; created_at: string; queued_at: string | null; assigned_at: string | null; started_at: string | null; ended_at: string | null; finished_at: string | null; waited_ms: number | null; ran_ms: number | null; counts: { pass: number; fail: number; skip: number; xfail: number; error: number; flaky: number } | null })[]; next_cursor: string | null } };
  /** One run. */
  getRun: { path: { id: string }; query: Record<never, never>; body: undefined; answer: { run: { id: number; project: string; build: string; build_id: number; submission_id: number; job: string; environment: string; attempt: number; state: string; verdict: string | null; reason: string | null; node_id: string | null; held: boolean; request_id: string | null; created_at: string; queued_at: string | null; assigned_at: string | null; started_at: string | null; ended_at: string | null; finished_at: string | null; waited_ms: number | null; ran_ms: number | null; counts: { pass: number; fail: number; skip: number; xfail: number; error: number; flaky: number } | null }; steps: ({ ordinal: number; name: string; state: string; exit_code: number | null; signal: string | null; reason: string | null; started_at: string; finished_at: string | null; log_offset: number })[]; timeline: { part: string; started_at: string; duration_ms: number }[]; failures: ({ run_id: number; position: number; suite: string; name: string; occurrence: number; status: "pass" | "fail" | "skip" | "xfail" | "error" | "flaky"; message: string | null; trace: string | null; cut_characters: number; attempts: number; failed_attempts: number; duration_ms: number | null; location: string | null })[]; artifacts: { id: number; kind: string; path: string; size: number; sha256: string }[]; log: { bytes: number; live: boolean; lines: number | null; first_error_offset: number | null; first_error_line: number | null }; results_problem: string | null; unheard_since: string | null; other_attempts: ({ id: number; attempt: number; verdict: string | null })[]; hold: { node_id: string; owner: string; expires_at: string; shell_command: string } | null } };
  /** Tests of a run, by suite and name. */
  listRunTests: { path: { id: string }; query: { status?: string | undefined; text?: string | undefined; cursor?: string | undefined; limit?: number | undefined }; body: undefined; answer: { items: ({ position: number; suite: string; name: string; occurrence: number; status: "pass" | "fail" | "skip" | "xfail" | "error" | "flaky"; duration_ms: number | null })[]; next_cursor: string | null } };
  /** Cancel a run: at once when it waits, by ending its payload when it runs. */
  cancelRun: { path: { id: string }; query: Record<never, never>; body: { reason?: string | undefined }; answer: { done: true } };
  /** The bytes of one artifact or results file. */
  getArtifact: { path: { id: string; artifact: number }; query: Record<never, never>; body: undefined; answer: undefined };
  /** Bytes of the log from an offset; header X-Log-Bytes tells how many there are, X-Log-Live whether more may come. */
  getLog: { path: { id: string }; query: { offset?: number | undefined; limit?: number | undefined }; body: undefined; answer: undefined };
  /** Server-sent events: the log from an offset, as it grows. Each event id is the offset after its data (base64). */
  followLog: { path: { id: string }; query: { offset?: number | undefined }; body: undefined; answer: undefined };
  /** Projects by name. */
  listProjects: { path: Record<never, never>; query: { cursor?: string | undefined; limit?: number | undefined }; body: undefined; answer: { items: ({ slug: string; builds: number; last_build: string | null; last_build_at: string | null })[]; next_cursor: string | null } };
  /** Builds, newest first. */
  listBuilds: { path: Record<never, never>; query: { project?: string | undefined; version?: string | undefined; cursor?: string | undefined; limit?: number | undefined }; body: undefined; answer: { items: ({ project: string; build_id: number; version: string; created_at: string; finished_at: string | null; verdict: "passed" | "failed" | "infra" | "cancelled" | "skipped" | "running"; counts: { pass: number; fail: number; skip: number; xfail: number; error: number; flaky: number }; tests: number; environments: ({ environment: string; verdict: "passed" | "failed" | "infra" | "cancelled" | "skipped" | "running"; counts: { pass: number; fail: number; skip: number; xfail: number; error: number; flaky: number }; tests: number })[]; baseline: ({ build_id: number; version: string; created_at: string; finished_at: string | null }) | null })[]; next_cursor: string | null } };
  /** One build: its environments, counts, and what it still waits for. */
  getBuild: { path: { id: number }; query: Record<never, never>; body: undefined; answer: { project: string; build: { build_id: number; version: string; created_at: string; finished_at: string | null }; baseline: ({ build_id: number; version: string; created_at: string; finished_at: string | null }) | null; verdict: "passed" | "failed" | "infra" | "cancelled" | "skipped" | "running"; waits_for: { state: string; count: number }[]; counts: { pass: number; fail: number; skip: number; xfail: number; error: number; flaky: number }; tests: number; environments: ({ environment: string; verdict: "passed" | "failed" | "infra" | "cancelled" | "skipped" | "running"; counts: { pass: number; fail: number; skip: number; xfail: number; error: number; flaky: number }; tests: number; duration_ms: number; jobs: ({ job: string; run_id: number; attempt: number; state: string; verdict: string | null; reason: string | null; counts: { pass: number; fail: number; skip: number; xfail: number; error: number; flaky: number } | null; partial: boolean })[] })[] } };
  /** What changed from one build to another. */
  compareBuilds: { path: Record<never, never>; query: { project: string; to: string; from?: string | undefined }; body: undefined; answer: { project: string; from: { build_id: number; version: string; created_at: string; finished_at: string | null }; to: { build_id: number; version: string; created_at: string; finished_at: string | null }; environments: { environment: string; from_tests: number; to_tests: number; counts: { regression: number; fix: number; new: number; gone: number; flaky: number } }[]; counts: { regression: number; fix: number; new: number; gone: number; flaky: number }; changes: ({ kind: "regression" | "fix" | "new" | "gone" | "flaky"; suite: string; name: string; occurrence: number; environments: string[]; jobs: string[]; where: string; from_status: ("pass" | "fail" | "skip" | "xfail" | "error" | "flaky") | null; to_status: ("pass" | "fail" | "skip" | "xfail" | "error" | "flaky") | null; run_id: number; position: number; message: string | null; location: string | null; attempts: number; failed_attempts: number })[]; truncated: boolean; missing: ({ environment: string; job: string; missing_in: "from" | "to"; tests: number })[]; unfinished: ({ build: "from" | "to"; environment: string; job: string; run_id: number; state: string })[]; nothing_compared: string | null } };
  /** Tests of a project by a part of their suite or name. */
  findTests: { path: Record<never, never>; query: { project: string; text: string; limit?: number | undefined }; body: undefined; answer: { items: { suite: string; name: string }[] } };
  /** One test over builds and environments, newest first. */
  testHistory: { path: Record<never, never>; query: { project: string; suite: string; name: string; limit?: number | undefined }; body: undefined; answer: { suite: string; name: string; environments: string[]; builds: ({ build: { build_id: number; version: string; created_at: string; finished_at: string | null }; cells: ({ environment: string; run_id: number; position: number; status: "pass" | "fail" | "skip" | "xfail" | "error" | "flaky"; duration_ms: number | null })[] })[]; trends: ({ environment: string; first_failed_in: string | null; last_passed_in: string | null; flaky: number; sample: number })[] } };
  /** Server-sent events: which things changed. */
  watch: { path: Record<never, never>; query: Record<never, never>; body: undefined; answer: undefined };
  /** A backup, to be read by groundcrew import; one that was cut off is refused there. */
  exportAll: { path: Record<never, never>; query: { objects?: boolean | undefined }; body: undefined; answer: undefined };
}

export const OPERATIONS: Readonly<Record<keyof Operations, { method: string; path: string }>> = {
  live: { method: 'GET', path: '/health/live' },
  ready: { method: 'GET', path: '/health/ready' },
  whoAmI: { method: 'GET', path: '/api/v1/whoami' },
  createEnterLink: { method: 'POST', path: '/api/v1/enter-links' },
  leave: { method: 'POST', path: '/api/v1/leave' },
  listTokens: { method: 'GET', path: '/api/v1/tokens' },
  createToken: { method: 'POST', path: '/api/v1/tokens' },
  revokeToken: { method: 'DELETE', path: '/api/v1/tokens/{id}' },
  getDeployment: { method: 'GET', path: '/api/v1/deployment' },
  agreeDeployment: { method: 'POST', path: '/api/v1/deployment/agree' },
  getFleet: { method: 'GET', path: '/api/v1/fleet' },
  listLeaks: { method: 'GET', path: '/api/v1/providers/{provider}/leaks' },
  agreeLeaks: { method: 'POST', path: '/api/v1/providers/{provider}/leaks/agree' },
  getQueue: { method: 'GET', path: '/api/v1/queue' },
  listDeadItems: { method: 'GET', path: '/api/v1/queue/dead' },
  retryDeadItem: { method: 'POST', path: '/api/v1/queue/dead/{id}/retry' },
  listNodes: { method: 'GET', path: '/api/v1/nodes' },
  getNode: { method: 'GET', path: '/api/v1/nodes/{id}' },
  deleteNode: { method: 'DELETE', path: '/api/v1/nodes/{id}' },
  listHolds: { method: 'GET', path: '/api/v1/holds' },
  holdNode: { method: 'POST', path: '/api/v1/nodes/{id}/hold' },
  extendHold: { method: 'POST', path: '/api/v1/nodes/{id}/extend' },
  releaseHold: { method: 'POST', path: '/api/v1/nodes/{id}/release' },
  listRequests: { method: 'GET', path: '/api/v1/requests' },
  getRequest: { method: 'GET', path: '/api/v1/requests/{id}' },
  explainRequest: { method: 'GET', path: '/api/v1/requests/{id}/explain' },
  uploadCheckout: { method: 'POST', path: '/api/v1/checkouts' },
  submit: { method: 'POST', path: '/api/v1/submissions' },
  cancelSubmission: { method: 'POST', path: '/api/v1/submissions/{id}/cancel' },
  listRuns: { method: 'GET', path: '/api/v1/runs' },
  getRun: { method: 'GET', path: '/api/v1/runs/{id}' },
  listRunTests: { method: 'GET', path: '/api/v1/runs/{id}/tests' },
  cancelRun: { method: 'POST', path: '/api/v1/runs/{id}/cancel' },
  getArtifact: { method: 'GET', path: '/api/v1/runs/{id}/artifacts/{artifact}' },
  getLog: { method: 'GET', path: '/api/v1/runs/{id}/log' },
  followLog: { method: 'GET', path: '/api/v1/runs/{id}/log/stream' },
  listProjects: { method: 'GET', path: '/api/v1/projects' },
  listBuilds: { method: 'GET', path: '/api/v1/builds' },
  getBuild: { method: 'GET', path: '/api/v1/builds/{id}' },
  compareBuilds: { method: 'GET', path: '/api/v1/compare' },
  findTests: { method: 'GET', path: '/api/v1/tests' },
  testHistory: { method: 'GET', path: '/api/v1/tests/history' },
  watch: { method: 'GET', path: '/api/v1/events' },
  exportAll: { method: 'GET', path: '/api/v1/export' },
};
