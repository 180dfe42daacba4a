import { sql } from 'kysely';
import pg from 'pg';
import type { Clock } from '../base/clock.ts';
import { LOCK_KEYS, type LockName } from './lock-keys.ts';
import type { Tx } from './schema/database.ts';

/** A lock that lives as long as a connection of its own: gone within milliseconds when this process dies. */
export interface AdvisoryLock {
  /** False from the moment at which the connection is known to be lost: stop doing what needs the lock. */
  held(): boolean;
  release(): Promise<void>;
}

const PULSE_MS = 2_000;

/**
 * For work that one process at a time does. Null when another has the lock. A lost connection is noticed late when the
 * network is silent (≤ 4 s), so what is done under the lock must be fenced by row versions as well.
 */
export async function tryAdvisoryLock(
  client_config: pg.ClientConfig,
  name: LockName,
  clock: Clock,
): Promise<AdvisoryLock | null> {
  const client = new pg.Client({ ...client_config, application_name: `groundcrew ${name}`, query_timeout: PULSE_MS });
  let held = false;
  const lose = (): void => {
    held = false;
  };
  client.on('error', lose);
  client.on('end', lose);
  await client.connect();
  try {
    const answer = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1, $2) as locked', [
      ...LOCK_KEYS[name],
    ]);
    held = answer.rows[0]?.locked === true;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  if (!held) {
    await client.end();
    return null;
  }
  const pulse = clock.every(PULSE_MS, () => void client.query('select 1').catch(lose), { background: true });
  return {
    held: () => held,
    async release() {
      pulse.stop();
      held = false;
      await client.end().catch(() => undefined);
    },
  };
}

/** Waits for the lock and keeps it until the transaction ends. */
export async function withTransactionLock(tx: Tx, name: LockName): Promise<void> {
  const [ours, number] = LOCK_KEYS[name];
  await sql`select pg_advisory_xact_lock(${ours}::int, ${number}::int)`.execute(tx);
}
