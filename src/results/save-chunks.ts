import type { ProjectId } from '../base/ids.ts';
import type { Db } from '../store/schema/database.ts';
import type { PreparedChunk } from './chunk-builder.ts';
import type { Spool } from './spool.ts';
import { findChunks, findProjectChunks, insertChunks, insertProjectChunks } from './store/chunks.ts';

/** Chunks a statement: about two megabytes. */
const CHUNKS_AT_ONCE = 16;
/** A chunk may be deleted between two looks; more often than this it is no coincidence. */
const ROUNDS = 5;

/**
 * Makes sure that every chunk is stored and that the project knows it; gives their ids in the order of the list.
 * Outside a transaction each statement commits by itself, so that concurrent ingests with the same new chunks never
 * wait for each other's whole transaction. Inside one, the chunks cannot be deleted before its end.
 */
export async function ensureChunks(
  db: Db,
  project_id: ProjectId,
  chunks: readonly PreparedChunk[],
  spool: Spool,
): Promise<number[]> {
  const hashes = [...new Map(chunks.map((chunk) => [chunk.hash.toString('latin1'), chunk.hash])).values()];
  for (let round = 0; round < ROUNDS; round++) {
    const known = new Map((await findChunks(db, hashes)).map(({ id, hash }) => [hash.toString('latin1'), id]));
    const missing = new Map(
      chunks
        .filter((chunk) => !known.has(chunk.hash.toString('latin1')))
        .map((chunk) => [chunk.hash.toString('latin1'), chunk]),
    );
    if (missing.size === 0) {
      const ids = chunks.map((chunk) => known.get(chunk.hash.toString('latin1')) as number);
      await ensureProjectChunks(db, project_id, chunks, ids);
      return ids;
    }
    await insertMissing(db, [...missing.values()], spool);
  }
  throw new Error(`chunks of results were deleted ${ROUNDS} times while they were stored`);
}

async function insertMissing(db: Db, chunks: PreparedChunk[], spool: Spool): Promise<void> {
  chunks.sort((left, right) => Buffer.compare(left.hash, right.hash));
  for (let start = 0; start < chunks.length; start += CHUNKS_AT_ONCE) {
    const rows = chunks.slice(start, start + CHUNKS_AT_ONCE).map((chunk) => ({
      hash: chunk.hash,
      tests: chunk.tests,
      suites: spool.read(chunk.suites),
      names: spool.read(chunk.names),
      fingerprints: spool.read(chunk.fingerprints),
    }));
    await insertChunks(db, rows);
  }
}

async function ensureProjectChunks(
  db: Db,
  project_id: ProjectId,
  chunks: readonly PreparedChunk[],
  ids: readonly number[],
): Promise<void> {
  const known = new Set(await findProjectChunks(db, project_id, ids));
  const missing = new Map(
    chunks.flatMap(({ first_key, last_key }, index) => {
      const chunk_id = ids[index] as number;
      return known.has(chunk_id) ? [] : [[chunk_id, { project_id, chunk_id, first_key, last_key }] as const];
    }),
  );
  const rows = [...missing.values()];
  for (let start = 0; start < rows.length; start += 1000)
    await insertProjectChunks(db, rows.slice(start, start + 1000));
}
