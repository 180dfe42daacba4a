import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunId } from '../base/ids.ts';
import { systemRandom } from '../base/random.ts';
import { anyMoment } from '../base/testing/any-moment.ts';
import type { Db } from '../store/schema/database.ts';
import { type TestDatabase, testDatabase } from '../store/testing/database.ts';
import { commitResults, prepareResults } from './ingest.ts';
import { ensureChunks } from './save-chunks.ts';
import { runResults } from './store/counts.ts';
import { createFixture, type Fixture, fileOf, junitOf } from './testing/fixture.ts';

const CHILD = join(import.meta.dirname, 'testing/ingest-child.ts');
const TESTS = 6_000;

let database: TestDatabase;
let fixture: Fixture;

beforeAll(async () => {
  database = await testDatabase({ max_connections: 20 });
  fixture = await createFixture(database.db);
});
afterAll(async () => await database?.close());

/** An ingest in another process, killed within so long after it said a word; null: never. Resolves with what it said. */
async function ingestIn(
  run_id: RunId,
  edition: string,
  kill: { word: string; within_ms: number } | null,
): Promise<string> {
  const order = { address: database.address, project_id: fixture.project_id, run_id, tests: TESTS, edition };
  const child = spawn(process.execPath, [CHILD, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  let said = '';
  for await (const words of child.stdout) {
    said += words;
    if (kill === null || !said.includes(kill.word)) continue;
    await anyMoment(systemRandom, kill.within_ms);
    child.kill('SIGKILL');
    break;
  }
  await ended;
  return said;
}

/** Nothing, or everything: rows that do not fit the summary would be a half-written run. */
async function expectWholeOrNothing(run_id: RunId): Promise<boolean> {
  // One picture of both: what the killed process sent last may be committed only now.
  const picture = database.db.transaction().setIsolationLevel('repeatable read');
  const { summary, found } = await picture.execute(async (tx) => {
    const answer = await sql<{ tests: number | null; failures: number; traces: number }>`
      select (select sum(tests)::int from run_chunks join result_chunks on id = chunk_id where run_id = ${run_id}) as tests,
        (select count(*)::int from run_failures where run_id = ${run_id}) as failures,
        (select count(*)::int from run_traces where run_id = ${run_id}) as traces`.execute(tx);
    return { summary: await runResults(tx, run_id), found: answer.rows[0] };
  });
  if (summary === null) expect(found).toEqual({ tests: null, failures: 0, traces: 0 });
  else expect(found).toMatchObject({ tests: TESTS, failures: TESTS / 100, traces: 1 });
  return summary !== null;
}

describe('an ingest that is killed', { timeout: 240_000 }, () => {
  it('leaves nothing or everything, wherever it was, and the next one puts it right', async () => {
    const run = await fixture.run(await fixture.build('killed'), 'test', 'jammy');
    const places = [
      { word: 'preparing', within_ms: 0 },
      { word: 'preparing', within_ms: 300 },
      { word: 'committing', within_ms: 0 },
      { word: 'committing', within_ms: 20 },
      { word: 'committing', within_ms: 80 },
    ];
    for (const [index, kill] of places.entries()) {
      // New names each time, so that chunks are stored anew each time.
      await ingestIn(run, `edition ${index}`, kill);
      await expectWholeOrNothing(run);
    }
    expect(await ingestIn(run, 'edition 0', null)).toContain('done');
    expect(await expectWholeOrNothing(run)).toBe(true);
  });
});

describe('concurrent ingests', { timeout: 240_000 }, () => {
  it('of the same new names neither wait for each other nor store them twice', async () => {
    const build = await fixture.build('at once');
    const runs = await Promise.all(['a', 'b', 'c'].map((job) => fixture.run(build, job, 'jammy')));
    const said = await Promise.all(runs.map((run) => ingestIn(run, 'shared', null)));
    for (const words of said) expect(words).toContain('done');
    for (const run of runs) expect(await expectWholeOrNothing(run)).toBe(true);
    const lists = await sql<{ chunks: string }>`
      select distinct string_agg(chunk_id::text, ' ' order by ordinal) as chunks from run_chunks
      where run_id = any(${runs}::bigint[]) group by run_id`.execute(database.db);
    expect(lists.rows).toHaveLength(1);
  });

  it('go on when a chunk is deleted between preparing and committing', async () => {
    const { db } = database;
    const run = await fixture.run(await fixture.build('deleted'), 'test', 'jammy');
    const { project_id } = fixture;
    const prepared = await prepareResults([fileOf(junitOf('to be deleted', { a: 'pass' }))], { db, project_id });
    const { chunks, spool } = prepared;
    const deleteChunk = async (db: Db, id: number | undefined): Promise<void> => {
      await sql`set local lock_timeout = 200`.execute(db);
      await sql`delete from project_chunks where chunk_id = ${id}`.execute(db);
      await sql`delete from result_chunks where id = ${id}`.execute(db);
    };
    const [before] = await ensureChunks(db, project_id, chunks, spool);
    await db.transaction().execute((tx) => deleteChunk(tx, before));
    await db.transaction().execute((tx) => commitResults(tx, run, project_id, prepared));
    expect(await runResults(db, run)).toMatchObject({ tests: 1 });
    await db.transaction().execute(async (tx) => {
      const [now] = await ensureChunks(tx, project_id, chunks, spool);
      expect(now).not.toBe(before);
      // From here on nobody can delete it before the end of this transaction.
      await expect(db.transaction().execute((other) => deleteChunk(other, now))).rejects.toThrow('lock timeout');
    });
    prepared.close();
  });
});
