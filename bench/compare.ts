import { join } from 'node:path';
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import { compareBuilds } from '../src/analysis/compare.ts';
import { testHistory } from '../src/analysis/history.ts';
import type { BuildId } from '../src/base/ids.ts';
import { splitKey } from '../src/packed/key.ts';
import { unpackKeys } from '../src/packed/names.ts';
import { commitResults, prepareResults } from '../src/results/ingest.ts';
import { openDatabase } from '../src/store/connect.ts';
import { startEmbedded } from '../src/store/embedded/start.ts';
import { migrate } from '../src/store/migrate.ts';
import type { Db } from '../src/store/schema/database.ts';
import type { BenchContext } from './context.ts';
import type { Figure } from './figure.ts';
import { type JunitInput, junitPieces } from './junit-input.ts';
import { insertBuild, insertProject } from './results-rows.ts';
import { absoluteFigures, interleave, ratioFigure } from './rounds.ts';

const TESTS = 1_000_000;
const HISTORY_BUILDS = 1000;
const HISTORY_TESTS = 50_000;
const ROUNDS = 9;

type Project = Awaited<ReturnType<typeof insertProject>>;

/** Comparing two builds of a million tests, and one test over a thousand builds, from PostgreSQL to the answer. */
export async function* figures(context: BenchContext): AsyncGenerator<Figure> {
  const { clock, log, directory } = context;
  const embedded = await startEmbedded({ data_directory: join(directory, 'pg'), clock, log });
  try {
    const connection = await openDatabase(embedded.address, { max_connections: 4 });
    const { db } = connection;
    try {
      await migrate(connection);
      const project = await insertProject(db);
      yield* compareFigures(context, db, project);
      yield* historyFigures(context, db, project);
    } finally {
      await connection.close();
    }
  } finally {
    await embedded.stop();
  }
}

async function* compareFigures(context: BenchContext, db: Db, project: Project): AsyncGenerator<Figure> {
  const list: JunitInput = { tests: TESTS, seed: 1, failed_share: 0.001 };
  context.progress(`three builds of ${TESTS} tests`);
  const first = await ingest(db, project, 'first', list);
  const same = await ingest(db, project, 'same names', { ...list, run_seed: 1 });
  const other = await ingest(db, project, 'other statuses', { ...list, run_seed: 2 });
  const renamed = await ingest(db, project, '1 % renamed', { ...list, run_seed: 1, renamed_share: 0.01, edition: 2 });
  for (const { name, to, budget } of [
    { name: 'equal', to: same, budget: { at_most: 3 } },
    { name: 'equal names', to: other, budget: null },
    { name: '1 % of names changed', to: renamed, budget: { at_most: 5 } },
  ]) {
    const both = await interleave(ROUNDS, {
      ours: () => timed(context, () => compareBuilds(db, { project_id: project.project_id, from: first, to })),
      'reading the rows': () => timed(context, () => readRows(db, [first, to])),
    });
    yield ratioFigure(`compare: 2 × 1 M, ${name}, to reading`, both.ours, both['reading the rows'], budget);
    yield* absoluteFigures(both, 'ms', (side) => `compare: 2 × 1 M, ${name}, ${side}`);
  }
}

/** The floor: everything that is stored of the runs of these builds beside the names. */
async function readRows(db: Db, builds: readonly BuildId[]): Promise<void> {
  await sql`select run_chunks.* from run_chunks join runs on runs.id = run_id join jobs on jobs.id = job_id
    where build_id = any(${builds}::bigint[]) order by run_id, ordinal`.execute(db);
}

/** The floor: the bytes of this place in the list, of every run. */
async function readPlace(db: Db, chunk_id: number): Promise<void> {
  await sql`select run_id, start, statuses, durations from run_chunks where chunk_id = ${chunk_id}`.execute(db);
}

async function* historyFigures(context: BenchContext, db: Db, project: Project): AsyncGenerator<Figure> {
  context.progress(`${HISTORY_BUILDS} builds of ${HISTORY_TESTS} tests`);
  await ingest(db, project, 'model', { tests: HISTORY_TESTS, seed: 9 });
  const model = await db
    .selectFrom('run_results')
    .selectAll()
    .orderBy('run_id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  for (let build = 0; build < HISTORY_BUILDS; build++) {
    const { run_id } = await insertBuild(db, project, `build ${build}`);
    await copyResults(db, model.run_id, run_id);
  }
  await sql`analyze`.execute(db);
  const { suite, name, chunk_id } = await someTest(db, model.run_id);
  const options = { project_id: project.project_id, suite, name, limit: HISTORY_BUILDS };
  const found = await testHistory(db, options);
  if (found.builds.length !== HISTORY_BUILDS) throw new Error(`the history has ${found.builds.length} builds`);
  const both = await interleave(ROUNDS, {
    ours: () => timed(context, () => testHistory(db, options)),
    'reading its bytes': () => timed(context, () => readPlace(db, chunk_id)),
  });
  yield ratioFigure('history: one test, 1,000 builds, to reading', both.ours, both['reading its bytes'], {
    at_most: 3,
  });
  yield* absoluteFigures(both, 'ms', (side) => `history: one test, 1,000 builds, ${side}`);
}

async function ingest(db: Db, project: Project, version: string, input: JunitInput): Promise<BuildId> {
  const { build_id, run_id } = await insertBuild(db, project, version);
  const open = async (): Promise<Readable> => Readable.from(junitPieces(input), { objectMode: false });
  const prepared = await prepareResults([{ path: version, size_bytes: null, format: null, open }], { db, ...project });
  await db.transaction().execute((tx) => commitResults(tx, run_id, project.project_id, prepared));
  prepared.close();
  return build_id;
}

async function copyResults(db: Db, from: number, to: number): Promise<void> {
  await sql`
    with copied as (
      insert into run_results select ${to}, project_id, tests, suites, pass_count, fail_count, skip_count, xfail_count,
        error_count, flaky_count, duration_ms, partial, problems
      from run_results where run_id = ${from} returning run_id
    )
    insert into run_chunks select copied.run_id, ordinal, chunk_id, start, statuses, durations
    from run_chunks, copied where run_chunks.run_id = ${from}`.execute(db);
}

async function someTest(db: Db, run_id: number): Promise<{ suite: string; name: string; chunk_id: number }> {
  const answer = await sql<{ names: Buffer; chunk_id: number }>`
    select names, chunk_id from run_chunks join result_chunks on result_chunks.id = chunk_id
    where run_id = ${run_id} order by ordinal offset 5 limit 1`.execute(db);
  const keys = unpackKeys(answer.rows[0]?.names ?? Buffer.alloc(0));
  const chunk_id = answer.rows[0]?.chunk_id ?? 0;
  return { ...splitKey(keys[Math.floor(keys.length / 2)] as string), chunk_id };
}

async function timed(context: BenchContext, work: () => Promise<unknown>): Promise<number> {
  const started_ms = context.clock.monotonic_ms();
  await work();
  return context.clock.monotonic_ms() - started_ms;
}
