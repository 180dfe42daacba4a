import { commitResults, prepareResults } from '../../results/ingest.ts';
import type { ArtifactRow } from '../../runs/store/artifacts.ts';
import type { RunContext } from '../../runs/store/context.ts';
import type { TestCounts } from '../../runs/verdict.ts';
import type { Tx } from '../../store/schema/database.ts';
import type { Services } from '../services.ts';

/** What the result files of a run came to. */
export interface RunResults {
  files: number;
  counts: TestCounts;
  /** What was wrong with a file, with the position; null: all were read to their ends. */
  problem: string | null;
}

/** Results that were read and are not the run's yet. */
export interface ReadResults {
  /** Writes suites and statuses; the same when it happens twice. */
  commit(tx: Tx): Promise<RunResults>;
  /** Frees what reading left on the disk. */
  forget(): void;
}

const NO_TESTS: TestCounts = { pass: 0, fail: 0, skip: 0, xfail: 0, error: 0, flaky: 0 };

/**
 * Reads the files in the order of their attempts. What is wrong with what they hold is told by `commit`; errors are for
 * files that cannot be had (GC1706) and for the database.
 */
export async function readResults(
  services: Services,
  run: RunContext,
  files: readonly ArtifactRow[],
  signal: AbortSignal,
): Promise<ReadResults> {
  const nothing = { files: 0, counts: NO_TESTS, problem: null };
  if (files.length === 0) return { commit: async () => nothing, forget: () => undefined };
  const prepared = await prepareResults(
    files.map(({ path, size, format, blob }) => ({
      path,
      size_bytes: size,
      format,
      open: () => services.blobs.get(blob),
    })),
    { db: services.connection.db, project_id: run.project_id, signal },
  );
  const more = prepared.problems.length - 1;
  return {
    async commit(tx) {
      const { counts, problem } = await commitResults(tx, run.run_id, run.project_id, prepared);
      const problems = problem !== null && more > 0 ? `${problem} (and ${more} more)` : problem;
      return { files: files.length, counts, problem: problems };
    },
    forget: () => prepared.close(),
  };
}
