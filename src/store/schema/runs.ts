import type { Generated } from 'kysely';
import type {
  AssignmentId,
  BuildId,
  EnvironmentId,
  JobId,
  NodeId,
  ProjectId,
  RequestId,
  RunId,
  SubmissionId,
} from '../../base/ids.ts';
import type { RunOutcome } from '../../protocol/agent.ts';
import type { RunSpec } from '../../protocol/job.ts';
import type { Json, NullableJson, Stamp } from './base.ts';

export interface ProjectsTable {
  id: Generated<ProjectId>;
  slug: string;
  created_at: Stamp;
}

export interface EnvironmentsTable {
  id: Generated<EnvironmentId>;
  project_id: ProjectId;
  name: string;
}

export interface BuildsTable {
  id: Generated<BuildId>;
  project_id: ProjectId;
  version: string;
  created_at: Stamp;
  finished_at: Date | null;
}

export interface SubmissionsTable {
  id: Generated<SubmissionId>;
  build_id: BuildId;
  submitted_by: string;
  idempotency_key: string | null;
  plan_hash: Buffer | null;
  checkout_blob: string | null;
  created_at: Stamp;
}

/** When a run of the job fails: keep its node this long, for whom. */
export interface HoldRule {
  duration_ms: number;
  owner: string;
  /** As the job file names them; the first is the owner. */
  keys: string[];
}

export interface JobsTable {
  id: Generated<JobId>;
  submission_id: SubmissionId;
  build_id: BuildId;
  environment_id: EnvironmentId;
  name: string;
  expression: string;
  spec: Json<RunSpec>;
  hold: NullableJson<HoldRule>;
  retries: Generated<number>;
}

export interface JobDependenciesTable {
  job_id: JobId;
  after_job_id: JobId;
}

export interface RunsTable {
  id: Generated<RunId>;
  job_id: JobId;
  attempt: Generated<number>;
  state: string;
  verdict: string | null;
  reason: string | null;
  handouts: Generated<number>;
  /** Its last hand-out; null: none, or it was taken back. */
  assignment_id: AssignmentId | null;
  request_id: RequestId | null;
  waits_for_node: NodeId | null;
  waits_until: Date | null;
  timeout_at_alive_ms: number | null;
  finish_by_alive_ms: number | null;
  cancel_requested_at: Date | null;
  cancel_reason: string | null;
  cancel_by: Date | null;
  outcome: NullableJson<RunOutcome>;
  results_pending: Generated<boolean>;
  results_problem: string | null;
  created_at: Stamp;
  queued_at: Date | null;
  assigned_at: Date | null;
  started_at: Date | null;
  ended_at: Date | null;
  finished_at: Date | null;
}

export interface RunStepsTable {
  run_id: RunId;
  ordinal: number;
  name: string;
  state: string;
  exit_code: number | null;
  signal: string | null;
  started_at: Date;
  finished_at: Date | null;
  log_offset: number;
}

export interface RunLogsTable {
  run_id: RunId;
  bytes: Generated<number>;
  blob: string | null;
  lines: number | null;
  first_error_offset: number | null;
  first_error_line: number | null;
}

export interface LogChunksTable {
  run_id: RunId;
  start_offset: number;
  data: Buffer;
}

export interface ArtifactsTable {
  id: Generated<number>;
  run_id: RunId;
  kind: 'artifact' | 'result';
  path: string;
  ordinal: Generated<number>;
  format: string | null;
  size: number;
  sha256: Buffer;
  blob: string;
  created_at: Stamp;
}

export interface RunTables {
  projects: ProjectsTable;
  environments: EnvironmentsTable;
  builds: BuildsTable;
  submissions: SubmissionsTable;
  jobs: JobsTable;
  job_dependencies: JobDependenciesTable;
  runs: RunsTable;
  run_steps: RunStepsTable;
  run_logs: RunLogsTable;
  log_chunks: LogChunksTable;
  artifacts: ArtifactsTable;
}
