import { sql } from 'kysely';
import type { RunId } from '../../base/ids.ts';
import type { Db } from '../../store/schema/database.ts';

/** Where a running run's files may go: who asks was checked by the session secret. */
export interface AgentRun {
  run_id: RunId;
  fence: number;
  project: string;
  checkout_blob: string | null;
}

/**
 * The run that this session secret's node works on with this fence, or null: a secret of another node, an older fence
 * and a run that is over are all refused alike.
 */
export async function runOfSecret(
  db: Db,
  session_hash: Buffer,
  run_id: RunId,
  fence: number,
): Promise<AgentRun | null> {
  const row = await db
    .selectFrom('runs')
    .innerJoin('run_assignments as given', 'given.id', 'runs.assignment_id')
    .innerJoin('node_sessions as session', 'session.node_id', 'given.node_id')
    .innerJoin('jobs', 'jobs.id', 'runs.job_id')
    .innerJoin('submissions', 'submissions.id', 'jobs.submission_id')
    .innerJoin('build_names as build', 'build.id', 'jobs.build_id')
    .select(['runs.id as run_id', 'given.fence', 'build.project', 'submissions.checkout_blob'])
    .where('runs.id', '=', run_id)
    .where('given.fence', '=', fence)
    // Assigned, too: an agent fetches the sources while its acknowledgement is on the way.
    .where('runs.state', 'in', ['assigned', 'running'])
    .where('session.session_hash', '=', session_hash)
    .executeTakeFirst();
  return row ?? null;
}

export interface NewArtifact {
  run_id: RunId;
  kind: 'artifact' | 'result';
  path: string;
  ordinal: number;
  format: string | null;
  size: number;
  sha256: Buffer;
  blob: string;
}

/** Names a stored object as a run's file, while the run runs with this fence; the last one of a path counts. */
export async function keepArtifact(db: Db, fence: number, artifact: NewArtifact): Promise<boolean> {
  const { rows } = await sql`
    insert into artifacts (run_id, kind, path, ordinal, format, size, sha256, blob)
    select runs.id, ${artifact.kind}, ${artifact.path}, ${artifact.ordinal}::int, ${artifact.format}::text,
      ${artifact.size}::bigint, ${artifact.sha256}::bytea, ${artifact.blob}
    from runs join run_assignments given on given.id = runs.assignment_id
    where runs.id = ${artifact.run_id} and given.fence = ${fence} and runs.state = 'running'
    on conflict (run_id, kind, path) do update set ordinal = excluded.ordinal, format = excluded.format,
      size = excluded.size, sha256 = excluded.sha256, blob = excluded.blob
    returning id`.execute(db);
  return rows.length === 1;
}

export interface ArtifactRow extends NewArtifact {
  id: number;
}

/** One file of a run, or null. */
export async function findArtifact(
  db: Db,
  run_id: RunId,
  kind: 'artifact' | 'result',
  path: string,
): Promise<ArtifactRow | null> {
  const row = await db
    .selectFrom('artifacts')
    .select(['id', 'run_id', 'kind', 'path', 'ordinal', 'format', 'size', 'sha256', 'blob'])
    .where('run_id', '=', run_id)
    .where('kind', '=', kind)
    .where('path', '=', path)
    .executeTakeFirst();
  return row ?? null;
}

/** One file by its number, or null. */
export async function artifactById(db: Db, id: number): Promise<ArtifactRow | null> {
  const row = await db
    .selectFrom('artifacts')
    .select(['id', 'run_id', 'kind', 'path', 'ordinal', 'format', 'size', 'sha256', 'blob'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

/** Results in the order of their attempts, then the other files by path. */
export async function artifactsOfRun(db: Db, run_id: RunId): Promise<ArtifactRow[]> {
  return await db
    .selectFrom('artifacts')
    .select(['id', 'run_id', 'kind', 'path', 'ordinal', 'format', 'size', 'sha256', 'blob'])
    .where('run_id', '=', run_id)
    .orderBy('kind', 'desc')
    .orderBy('ordinal')
    .orderBy('path')
    .execute();
}

/** How many files a run has beside this one, and how large they are together, for the limits. */
export async function measureOtherArtifacts(
  db: Db,
  run_id: RunId,
  kind: 'artifact' | 'result',
  path: string,
): Promise<{ count: number; bytes: number }> {
  const { rows } = await sql<{ count: number; bytes: number }>`
    select count(*)::int as count, coalesce(sum(size), 0)::float8 as bytes from artifacts
    where run_id = ${run_id} and (kind, path) <> (${kind}, ${path})`.execute(db);
  return rows[0] ?? { count: 0, bytes: 0 };
}
