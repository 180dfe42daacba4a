import type { Generated } from 'kysely';
import type { ProjectId, RunId } from '../../base/ids.ts';
import type { ResultProblem } from '../../protocol/results.ts';
import type { Json, Stamp } from './base.ts';

/** Rows of the results store. Packed columns are read by `formats/packed`. */
export interface ResultChunksTable {
  id: Generated<number>;
  hash: Buffer;
  tests: number;
  suites: Buffer;
  names: Buffer;
  fingerprints: Buffer;
  created_at: Stamp;
}

export interface ProjectChunksTable {
  project_id: ProjectId;
  chunk_id: number;
  first_key: Buffer;
  last_key: Buffer;
}

export interface RunResultsTable {
  run_id: RunId;
  project_id: ProjectId;
  tests: number;
  suites: number;
  pass_count: number;
  fail_count: number;
  skip_count: number;
  xfail_count: number;
  error_count: number;
  flaky_count: number;
  duration_ms: number;
  partial: boolean;
  problems: Json<ResultProblem[]>;
  committed_at: Stamp;
}

export interface RunChunksTable {
  run_id: RunId;
  ordinal: number;
  chunk_id: number;
  start: number;
  statuses: Buffer;
  durations: Buffer | null;
}

export interface RunFailuresTable {
  run_id: RunId;
  position: number;
  occurrence: number;
  status: number;
  attempts: number;
  failed_attempts: number;
  trace_block: number | null;
  trace_index: number | null;
  cut_characters: number;
  duration_ms: number | null;
  suite: string;
  name: string;
  message: string | null;
  location: string | null;
}

export interface RunTracesTable {
  run_id: RunId;
  block: number;
  traces: Buffer;
}

export interface ResultTables {
  result_chunks: ResultChunksTable;
  project_chunks: ProjectChunksTable;
  run_results: RunResultsTable;
  run_chunks: RunChunksTable;
  run_failures: RunFailuresTable;
  run_traces: RunTracesTable;
}
