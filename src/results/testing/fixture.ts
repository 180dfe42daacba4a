import { Readable } from 'node:stream';
import { dateFrom } from '../../base/clock.ts';
import type { BuildId, EnvironmentId, ProjectId, RunId, SubmissionId } from '../../base/ids.ts';
import type { Db } from '../../store/schema/database.ts';
import { commitResults, prepareResults, type ResultCounts } from '../ingest.ts';
import type { ResultFile } from '../read-files.ts';

/** A project with a build, for tests of results: rows that other folders would write. */
export interface Fixture {
  project_id: ProjectId;
  /** A new build, finished at once. */
  build(version: string): Promise<BuildId>;
  /** A finished run of a job in an environment of a build. */
  run(build_id: BuildId, job: string, environment: string, verdict?: string): Promise<RunId>;
  /** Reads files, given as texts, as the attempts of a run. */
  ingest(run_id: RunId, ...files: string[]): Promise<ResultCounts>;
}

export async function createFixture(db: Db): Promise<Fixture> {
  const { id: project_id } = await db
    .insertInto('projects')
    .values({ slug: 'acme/widget' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const environments = new Map<string, EnvironmentId>();
  return {
    project_id,
    async build(version) {
      const build = await db
        .insertInto('builds')
        .values({ project_id, version, finished_at: dateFrom(0) })
        .returning('id')
        .executeTakeFirstOrThrow();
      return build.id;
    },
    async run(build_id, job, environment, verdict = 'passed') {
      let environment_id = environments.get(environment);
      environment_id ??= await insertEnvironment(db, project_id, environment);
      environments.set(environment, environment_id);
      return await insertRun(db, { build_id, job, environment_id, verdict });
    },
    async ingest(run_id, ...files) {
      const prepared = await prepareResults(files.map(fileOf), { db, project_id });
      try {
        return await db.transaction().execute((tx) => commitResults(tx, run_id, project_id, prepared));
      } finally {
        prepared.close();
      }
    },
  };
}

/** A results file from a text. */
export function fileOf(text: string, index = 0): ResultFile {
  const bytes = Buffer.from(text);
  return {
    path: `junit-${index}.xml`,
    size_bytes: bytes.length,
    format: null,
    open: async () => Readable.from([bytes]),
  };
}

/** JUnit of one suite: each test a name and `pass`, `fail` or `skip`. */
export function junitOf(suite: string, tests: Record<string, string>): string {
  const cases = Object.entries(tests).map(([name, status]) => {
    const head = `<testcase classname="${suite}" name="${name}" time="0.012"`;
    if (status === 'pass') return `${head}/>`;
    if (status === 'skip') return `${head}><skipped/></testcase>`;
    return `${head}><failure message="${name} broke">at ${name} (parser.test.js:41:7)</failure></testcase>`;
  });
  return `<testsuites><testsuite name="${suite}">${cases.join('\n')}</testsuite></testsuites>`;
}

async function insertEnvironment(db: Db, project_id: ProjectId, name: string): Promise<EnvironmentId> {
  const row = await db
    .insertInto('environments')
    .values({ project_id, name })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

async function insertRun(
  db: Db,
  run: { build_id: BuildId; job: string; environment_id: EnvironmentId; verdict: string },
): Promise<RunId> {
  const submission = await db
    .insertInto('submissions')
    .values({ build_id: run.build_id, submitted_by: 'test' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const job = await db
    .insertInto('jobs')
    .values({
      ...{ submission_id: submission.id as SubmissionId, build_id: run.build_id, environment_id: run.environment_id },
      ...{ name: run.job, expression: 'jammy', spec: '{}' },
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const row = await db
    .insertInto('runs')
    .values({ job_id: job.id, state: 'waiting' })
    .returning('id')
    .executeTakeFirstOrThrow();
  await db.updateTable('runs').set({ state: 'finished', verdict: run.verdict }).where('id', '=', row.id).execute();
  return row.id;
}
