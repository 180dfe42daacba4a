import type { BuildId, EnvironmentId, HoldId, JobId, NodeId, ProjectId, RequestId, RunId } from '../../base/ids.ts';
import type { AssignmentViews } from './assignments.ts';
import type {
  ProjectChunksTable,
  ResultChunksTable,
  RunChunksTable,
  RunFailuresTable,
  RunResultsTable,
} from './results.ts';
import type { RunsTable } from './runs.ts';

/** A build and what it is called. */
export interface BuildNamesView {
  id: BuildId;
  project_id: ProjectId;
  /** `group/project`. */
  project: string;
  version: string;
  created_at: Date;
  finished_at: Date | null;
}

export interface EnvironmentNamesView {
  id: EnvironmentId;
  name: string;
}

/** Every run with what it is a run of. */
export interface JobRunsView extends Pick<RunsTable, 'state' | 'verdict' | 'reason'> {
  id: RunId;
  job_id: JobId;
  build_id: BuildId;
  environment_id: EnvironmentId;
  job: string;
  submitted_by: string;
  attempt: number;
  results_pending: boolean;
}

/** A run's results in short; no row: it has none. */
export type RunCountsView = Omit<RunResultsTable, 'suites' | 'problems' | 'committed_at'>;

/** A run's list, a row for each chunk in their order. */
export interface RunListsView extends RunChunksTable {
  tests: number;
}

/** What did not pass, without its name, which the list has. */
export type FailureBriefsView = Pick<
  RunFailuresTable,
  'run_id' | 'position' | 'message' | 'location' | 'attempts' | 'failed_attempts'
>;

/** A chunk of a list: packed names and fingerprints. */
export interface ChunkNamesView extends Pick<ResultChunksTable, 'tests' | 'names' | 'fingerprints'> {
  id: number;
}

/** The chunks of a project's lists, with the first and last key of each. */
export interface ProjectListsView extends ProjectChunksTable, Pick<ResultChunksTable, 'tests' | 'fingerprints'> {}

/** What became of a node. */
export interface NodeStatesView {
  id: NodeId;
  state: string;
  end_reason: string | null;
}

/** Whose secret speaks for a node. */
export interface NodeSessionsView {
  node_id: NodeId;
  session_hash: Buffer | null;
}

/** Holds of the nodes that are held now. */
export interface LiveHoldsView {
  id: HoldId;
  node_id: NodeId;
  run_id: RunId | null;
}

/** What became of a request. */
export interface RequestStatesView {
  id: RequestId;
  state: string;
  reason: string | null;
}

/** Work that was given up. */
export interface DeadItemsView {
  id: number;
  lane: string;
  kind: string;
  key: string;
  error: string | null;
}

/** What owners show their neighbours: they are read, never written. */
export interface Views extends AssignmentViews {
  build_names: BuildNamesView;
  environment_names: EnvironmentNamesView;
  job_runs: JobRunsView;
  run_counts: RunCountsView;
  run_lists: RunListsView;
  failure_briefs: FailureBriefsView;
  chunk_names: ChunkNamesView;
  project_lists: ProjectListsView;
  node_states: NodeStatesView;
  node_sessions: NodeSessionsView;
  live_holds: LiveHoldsView;
  request_states: RequestStatesView;
  dead_items: DeadItemsView;
}
