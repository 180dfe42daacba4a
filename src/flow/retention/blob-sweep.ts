import { text } from 'node:stream/consumers';
import { messageOf } from '../../base/errors/error.ts';
import type { RunId } from '../../base/ids.ts';
import type { Blobs } from '../../blobs/contract.ts';
import { type RunObject, unnamedCheckouts, unnamedRunObjects } from '../../runs/store/unnamed.ts';
import { isNewDeployment, readDeployment } from '../../store/deployment.ts';
import type { Db } from '../../store/schema/database.ts';
import type { Services } from '../services.ts';

/** Younger objects may be about to be named: sources are uploaded before they are submitted. */
export const YOUNGEST_MS = 24 * 3_600_000;
/** Keys of one statement: a few milliseconds, so that nobody waits behind it. */
const BATCH = 200;
const REST_MS = 100;
/** Says which deployment's rows name the objects of this store. */
const OWNER_KEY = 'deployment';

/** Where objects may be left that no row names, and which of a batch those are. */
const PLACES: readonly { prefix: string; unnamed(db: Db, keys: readonly string[]): Promise<string[]> }[] = [
  // Uploaded and never submitted.
  { prefix: 'checkouts/', unnamed: unnamedCheckouts },
  // Replaced by another file of the same path, or stored when the run had ended.
  { prefix: 'artifacts/', unnamed: (db, keys) => unnamedRunObjects(db, runObjects(keys)) },
  // Parts that came after the run's end.
  { prefix: 'uploads/', unnamed: (db, keys) => unnamedRunObjects(db, runObjects(keys)) },
];

/**
 * Removes objects older than a day that no row names, a few at a time. A store that holds another deployment's objects
 * is left alone, and so is everything while this deployment only observes: rows that are not here name what there is.
 * Errors end in the log; the next round goes on.
 */
export async function sweepBlobs(services: Services, signal?: AbortSignal): Promise<void> {
  const { clock, log } = services;
  try {
    if (!(await isOurs(services))) return;
    let removed = 0;
    for (const { prefix, unnamed } of PLACES) {
      for await (const keys of batches(services.blobs.list(prefix))) {
        if (signal?.aborted === true) return;
        for (const key of await unnamed(services.connection.db, keys)) removed += await removeWhenOld(services, key);
        if (keys.length === BATCH) await clock.sleep(REST_MS, signal);
      }
    }
    if (removed > 0) log.info({ removed }, 'objects that nothing names were removed');
  } catch (error) {
    if (signal?.aborted !== true) log.warn({ error: messageOf(error) }, 'the object store could not be swept');
  }
}

/**
 * At a start: warns when the objects of this deployment seem to be kept elsewhere, as with two servers on one database
 * whose stores differ, which then find nothing of each other's logs and artifacts.
 */
export async function checkObjects(services: Services): Promise<void> {
  const { connection, blobs, log } = services;
  try {
    const { id, observing } = await readDeployment(connection.db);
    if (observing || !(await markObjects(blobs, id)) || (await isNewDeployment(connection.db))) return;
    log.warn(
      { deployment: id },
      'the object store did not know this deployment: do all servers on this database name the same one, below "blobs"?',
    );
  } catch (error) {
    log.warn({ error: messageOf(error) }, 'the object store could not be looked at');
  }
}

/** Writes whose objects these are, unless it is there. True when it was not. */
async function markObjects(blobs: Blobs, id: string): Promise<boolean> {
  if ((await blobs.head(OWNER_KEY)) !== null) return false;
  await blobs.put(OWNER_KEY, Buffer.from(id));
  return true;
}

async function isOurs({ connection, blobs, log }: Services): Promise<boolean> {
  const { id, observing } = await readDeployment(connection.db);
  if (observing) return false;
  await markObjects(blobs, id);
  const owner = await text(await blobs.get(OWNER_KEY));
  if (owner !== id) log.warn({ owner, deployment: id }, 'another deployment keeps objects here: nothing is swept');
  return owner === id;
}

async function removeWhenOld({ blobs, clock }: Services, key: string): Promise<number> {
  const head = await blobs.head(key);
  // Without a time, too, it stays.
  if (head === null || !(clock.now_ms() - head.modified_ms > YOUNGEST_MS)) return 0;
  await blobs.remove(key);
  return 1;
}

/** `artifacts/RUN/…` and `uploads/RUN/…`; what is named otherwise is not ours to judge. */
function runObjects(keys: readonly string[]): RunObject[] {
  return keys.flatMap((key) => {
    const run = /^[a-z]+\/([1-9]\d{0,14})\//.exec(key)?.[1];
    return run === undefined ? [] : [{ run_id: Number(run) as RunId, key }];
  });
}

async function* batches(keys: AsyncIterable<string>): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const key of keys) {
    batch.push(key);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
