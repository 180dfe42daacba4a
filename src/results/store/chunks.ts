import { sql } from 'kysely';
import type { ProjectId } from '../../base/ids.ts';
import type { Db } from '../../store/schema/database.ts';

/** A chunk's identity in the database. */
export interface KnownChunk {
  id: number;
  hash: Buffer;
}

export interface NewChunk {
  hash: Buffer;
  tests: number;
  suites: Buffer;
  names: Buffer;
  fingerprints: Buffer;
}

export interface ProjectChunk {
  project_id: ProjectId;
  chunk_id: number;
  first_key: Buffer;
  last_key: Buffer;
}

/** Which of these are stored. In a transaction they cannot be deleted before its end. */
export async function findChunks(db: Db, hashes: readonly Buffer[]): Promise<KnownChunk[]> {
  return await db
    .selectFrom('result_chunks')
    .select(['id', 'hash'])
    .where('hash', '=', sql<Buffer>`any(${hashes}::bytea[])`)
    .orderBy('id')
    .forKeyShare()
    .execute();
}

/** Stores chunks, in the order of their hashes whatever order they come in; those that somebody else stored stay. */
export async function insertChunks(db: Db, chunks: readonly NewChunk[]): Promise<void> {
  const ordered = [...chunks].sort((left, right) => Buffer.compare(left.hash, right.hash));
  await db
    .insertInto('result_chunks')
    .values(ordered)
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .execute();
}

/** Which of these chunks the project has had already. */
export async function findProjectChunks(
  db: Db,
  project_id: ProjectId,
  chunk_ids: readonly number[],
): Promise<number[]> {
  const rows = await db
    .selectFrom('project_chunks')
    .select('chunk_id')
    .where('project_id', '=', project_id)
    .where('chunk_id', '=', sql<number>`any(${chunk_ids}::bigint[])`)
    .execute();
  return rows.map((row) => row.chunk_id);
}

/** Notes that the project's lists hold these chunks. */
export async function insertProjectChunks(db: Db, rows: readonly ProjectChunk[]): Promise<void> {
  const ordered = [...rows].sort((left, right) => left.chunk_id - right.chunk_id);
  await db
    .insertInto('project_chunks')
    .values(ordered)
    .onConflict((conflict) => conflict.columns(['project_id', 'chunk_id']).doNothing())
    .execute();
}
