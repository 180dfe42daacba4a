import { sql } from 'kysely';
import { type Random, randomName } from '../base/random.ts';
import type { Db } from './schema/database.ts';

/** Whose machines are ours: the id is written on each of them. */
export interface Deployment {
  readonly id: string;
  /** Look, but touch no machine: set by an import until an operator agrees. */
  readonly observing: boolean;
}

/** Made on the first start; the same answer ever after, whoever asks first. */
export async function ensureDeployment(db: Db, random: Random): Promise<Deployment> {
  await insertDeployment(db, randomName(random, 12));
  return readDeployment(db);
}

async function insertDeployment(db: Db, id: string): Promise<void> {
  await db
    .insertInto('deployment')
    .values({ id })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The deployment as it is now. */
export async function readDeployment(db: Db): Promise<Deployment> {
  return db.selectFrom('deployment').select(['id', 'observing']).executeTakeFirstOrThrow();
}

/** Was it made just now? Nothing of it can be anywhere yet. */
export async function isNewDeployment(db: Db): Promise<boolean> {
  const is_new = sql<boolean>`created_at > groundcrew_now() - interval '1 minute'`.as('is_new');
  return (await db.selectFrom('deployment').select(is_new).executeTakeFirstOrThrow()).is_new;
}

/** An operator agrees (`false`) that an imported deployment acts, or stops it from acting (`true`). */
export async function setObserving(db: Db, observing: boolean): Promise<void> {
  await db.updateTable('deployment').set({ observing }).execute();
}
