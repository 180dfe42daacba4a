import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type DatabaseConnection, openDatabase } from '../src/store/connect.ts';
import { startEmbedded } from '../src/store/embedded/start.ts';
import { migrate } from '../src/store/migrate.ts';
import type { BenchContext } from './context.ts';
import { type Figure, figure } from './figure.ts';
import type { IngestOrder, IngestReport } from './ingest-child.ts';
import { type JunitInput, writeJunit } from './junit-input.ts';
import { insertBuild, insertProject, tableBytes } from './results-rows.ts';
import { absoluteFigures, interleave, ratioFigure } from './rounds.ts';
import { median } from './statistics.ts';

const TESTS = 1_500_000;
const ROUNDS = 3;
const CHILD_TIMEOUT_MS = 300_000;
const PER_RUN = ['run_chunks', 'run_results'];
const PER_FAILURE = ['run_failures', 'run_traces'];

/** A JUnit file into PostgreSQL with every safety on: from the first byte to the committed transaction. */
export async function* figures(context: BenchContext): AsyncGenerator<Figure> {
  const { clock, log, directory } = context;
  const embedded = await startEmbedded({ data_directory: join(directory, 'pg'), clock, log });
  try {
    const connection = await openDatabase(embedded.address, { max_connections: 2 });
    try {
      await migrate(connection);
      yield* ingestFigures(context, connection, embedded.address);
    } finally {
      await connection.close();
    }
  } finally {
    await embedded.stop();
  }
}

async function* ingestFigures(
  context: BenchContext,
  { db }: DatabaseConnection,
  address: IngestOrder['address'],
): AsyncGenerator<Figure> {
  const project = await insertProject(db);
  const file = join(context.directory, 'junit.xml');
  let runs = 0;
  const ingest = async (input: JunitInput): Promise<IngestReport> => {
    await writeJunit(file, input);
    const { run_id } = await insertBuild(db, project, `round ${++runs}`);
    const order: IngestOrder = { address, file, project_id: project.project_id, run_id };
    return await runChild<IngestReport>('ingest-child.ts', JSON.stringify(order));
  };
  context.progress(`${TESTS} tests, names never seen before`);
  const cold = await ingest({ tests: TESTS, seed: 1 });
  const [rows_before, failures_before] = [await tableBytes(db, PER_RUN), await tableBytes(db, PER_FAILURE)];
  context.progress('the same names again, beside the bare tokeniser');
  const warm: IngestReport[] = [];
  const both = await interleave(ROUNDS, {
    ours: async () => {
      const report = await ingest({ tests: TESTS, seed: 1, run_seed: 10 + warm.length });
      warm.push(report);
      return (report.tests / report.duration_ms) * 1000;
    },
    'the bare tokeniser': async () => {
      const { tests, duration_ms } = await runChild<Tokenised>('tokenise-child.ts', file);
      return (tests / duration_ms) * 1000;
    },
  });
  const rows_bytes = (await tableBytes(db, PER_RUN)) - rows_before;
  const failures_bytes = (await tableBytes(db, PER_FAILURE)) - failures_before;
  const failures = await countFailures(db, warm.length);
  const all = [cold, ...warm];
  const largest = Math.max(...all.map((report) => report.rss_bytes));
  yield ratioFigure('ingest: JUnit, to the bare tokeniser', both.ours, both['the bare tokeniser'], { at_least: 0.7 });
  yield* absoluteFigures(both, 'tests/s', (side) => `ingest: JUnit, known names, ${side}`);
  yield figure('ingest: JUnit, new names', (cold.tests / cold.duration_ms) * 1000, 'tests/s', null);
  yield figure('ingest: JUnit, memory', largest / 2 ** 20, 'MiB', { at_most: 300 });
  yield figure('ingest: its transaction', median(warm.map((report) => report.commit_ms)), 'ms', null);
  yield figure('ingest: stored a test and run', rows_bytes / TESTS / warm.length, 'B', { at_most: 1.2 });
  yield figure('ingest: stored a failure', failures_bytes / failures, 'B', { at_most: 300 });
}

async function countFailures(db: DatabaseConnection['db'], runs: number): Promise<number> {
  const rows = await db.selectFrom('run_results').select('fail_count').orderBy('run_id', 'desc').limit(runs).execute();
  return rows.reduce((sum, row) => sum + row.fail_count, 0);
}

interface Tokenised {
  tests: number;
  duration_ms: number;
}

async function runChild<Answer>(name: string, argument: string): Promise<Answer> {
  const child = join(import.meta.dirname, name);
  const { stdout } = await promisify(execFile)(process.execPath, [child, argument], {
    timeout: CHILD_TIMEOUT_MS,
  });
  return JSON.parse(stdout);
}
