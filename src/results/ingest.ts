import type { ProjectId, RunId } from '../base/ids.ts';
import type { ResultProblem, StatusCounts } from '../protocol/results.ts';
import type { Db, Tx } from '../store/schema/database.ts';
import { type Builder, type BuiltResults, ResultsBuilder } from './builder.ts';
import { BuilderThread } from './builder-thread.ts';
import { isBig, type ResultFile, readFiles } from './read-files.ts';
import { ensureChunks } from './save-chunks.ts';
import { Spool } from './spool.ts';
import { STATUS_BYTE, TEST_STATUSES } from './state.ts';
import {
  deleteRunChunks,
  deleteRunFailures,
  deleteRunTraces,
  insertRunChunks,
  insertRunFailures,
  insertRunTraces,
  upsertRunResults,
} from './store/runs.ts';

export interface PrepareOptions {
  /** For storing new chunks, each statement by itself. Not a transaction. */
  db: Db;
  project_id: ProjectId;
  /** Ends the work; the promise rejects with its reason. */
  signal?: AbortSignal;
  /** Where big runs are sorted; default: the system's temporary directory. */
  spool_directory?: string;
}

/** A run's results, read, sorted and packed; `commitResults` makes them the run's. Call `close` when done, also after errors. */
export interface PreparedResults extends BuiltResults {
  /** Number of files that were read, broken ones included. */
  files: number;
  problems: ResultProblem[];
  close(): void;
}

/**
 * Reads the results files of a run, in the order of their attempts: the same test in several files is several attempts
 * at it. What is wrong with a file's content becomes one of `problems`. New chunks are stored at once, which does no
 * harm when the run is never committed. Errors: GC1706 when a file cannot be read; what the database says.
 */
export async function prepareResults(files: readonly ResultFile[], options: PrepareOptions): Promise<PreparedResults> {
  const builder = createBuilder(files, options.spool_directory);
  try {
    const problems = await readFiles(files, builder, options.signal);
    const built = await builder.finish();
    try {
      await ensureChunks(options.db, options.project_id, built.chunks, built.spool);
    } catch (error) {
      built.spool.close();
      throw error;
    }
    return { ...built, files: files.length, problems, close: () => built.spool.close() };
  } catch (error) {
    await builder.abandon();
    throw error;
  }
}

function createBuilder(files: readonly ResultFile[], directory: string | undefined): Builder {
  if (isBig(files)) return new BuilderThread(directory);
  return new ResultsBuilder({
    sorted: new Spool(directory),
    texts: new Spool(directory),
    output: new Spool(directory),
  });
}

/** What a run's results came to. */
export interface ResultCounts {
  tests: number;
  suites: number;
  counts: StatusCounts;
  /** Files that were read. */
  files: number;
  /** Some file was read only in part, or not at all. */
  partial: boolean;
  /** The first problem's message. */
  problem: string | null;
}

/** Chunks a statement: what it sends is put together in memory. */
const CHUNKS_AT_ONCE = 100;

/**
 * Makes prepared results the run's, in the caller's transaction: all or nothing. A second call for the same run replaces
 * what the first wrote, so it may run twice. It waits for no other run: new chunks were stored before.
 */
export async function commitResults(
  tx: Tx,
  run_id: RunId,
  project_id: ProjectId,
  prepared: PreparedResults,
): Promise<ResultCounts> {
  const result = countsOf(prepared);
  const { counts, tests, suites, partial } = result;
  await upsertRunResults(tx, {
    ...{ run_id, project_id, tests, suites, partial, duration_ms: prepared.duration_ms },
    ...{ pass_count: counts.pass, fail_count: counts.fail, skip_count: counts.skip },
    ...{ xfail_count: counts.xfail, error_count: counts.error, flaky_count: counts.flaky },
    problems: JSON.stringify(prepared.problems),
  });
  await deleteRunChunks(tx, run_id);
  await deleteRunFailures(tx, run_id);
  await deleteRunTraces(tx, run_id);
  await writeChunks(tx, run_id, project_id, prepared);
  await writeFailures(tx, run_id, prepared);
  return result;
}

function countsOf(prepared: PreparedResults): ResultCounts {
  const counts = Object.fromEntries(
    TEST_STATUSES.map((status) => [status, prepared.counts[STATUS_BYTE[status]] ?? 0]),
  ) as StatusCounts;
  const { tests, suites, files, problems } = prepared;
  return { tests, suites, counts, files, partial: problems.length > 0, problem: problems[0]?.message ?? null };
}

async function writeChunks(tx: Tx, run_id: RunId, project_id: ProjectId, prepared: PreparedResults): Promise<void> {
  const ids = await ensureChunks(tx, project_id, prepared.chunks, prepared.spool);
  const rows = prepared.chunks.map(({ start, statuses, durations }, ordinal) => {
    return { run_id, ordinal, chunk_id: ids[ordinal] as number, start, statuses, durations };
  });
  for (let start = 0; start < rows.length; start += CHUNKS_AT_ONCE) {
    await insertRunChunks(tx, rows.slice(start, start + CHUNKS_AT_ONCE));
  }
}

async function writeFailures(tx: Tx, run_id: RunId, prepared: PreparedResults): Promise<void> {
  for (const [block, { rows, traces }] of prepared.failures.entries()) {
    await insertRunFailures(tx, run_id, prepared.spool.read(rows).toString('utf8'));
    if (traces !== null) await insertRunTraces(tx, run_id, block, prepared.spool.read(traces));
  }
}
