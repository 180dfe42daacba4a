import { sql } from 'kysely';
import pg from 'pg';
import type { Clock, Timer } from '../base/clock.ts';
import { LOCK_KEYS, type LockName } from './lock-keys.ts';
import type { Tx } from './schema/database.ts';

/** A lock that lives as long as a connection of its own: gone within milliseconds when this process dies. */
export interface AdvisoryLock {
  /** False from the moment at which the connection is known to be lost: stop doing what needs the lock. */
  held(): boolean;
  release(): Promise<void>;
}

const PULSE_MS = 2_000;
/** A holder whose pulse does not reach the server for this long has lost the lock: five pulses. */
const SILENT_AFTER_MS = 10_000;

/**
 * For work that one process at a time does. Null when another has the lock. A lost connection is noticed late when the
 * network is silent (≤ 4 s), so what is done under the lock must be fenced by row versions as well. The server gives the
 * lock away when it hears nothing for `silent_after_ms`: a host that vanishes says no goodbye.
 */
export async function tryAdvisoryLock(
  client_config: pg.ClientConfig,
  name: LockName,
  clock: Clock,
  silent_after_ms = SILENT_AFTER_MS,
): Promise<AdvisoryLock | null> {
  const client = new pg.Client({ ...client_config, application_name: `groundcrew ${name}`, query_timeout: PULSE_MS });
  let held = false;
  let pulse: Timer | null = null;
  const lose = (): void => {
    held = false;
    // The server is to notice as well: it must hear nothing more.
    pulse?.stop();
  };
  client.on('error', lose);
  client.on('end', lose);
  await client.connect();
  try {
    held = await takeLock(client, name, silent_after_ms);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  if (!held) {
    await client.end();
    return null;
  }
  pulse = clock.every(PULSE_MS, () => void client.query('select 1').catch(lose), { background: true });
  return {
    held: () => held,
    async release() {
      lose();
      await client.end().catch(() => undefined);
    },
  };
}

// The keepalives are for what a pulse cannot show: an answer of the server that nobody takes. Without TCP they are ignored.
async function takeLock(client: pg.Client, name: LockName, silent_after_ms: number): Promise<boolean> {
  const seconds = String(Math.ceil(silent_after_ms / 1_000 / 4));
  const answer = await client.query<{ locked: boolean }>(
    `select set_config('idle_session_timeout', $3, false), set_config('tcp_keepalives_idle', $4, false),
       set_config('tcp_keepalives_interval', $4, false), set_config('tcp_keepalives_count', '3', false),
       pg_try_advisory_lock($1, $2) as locked`,
    [...LOCK_KEYS[name], `${silent_after_ms}ms`, seconds],
  );
  return answer.rows[0]?.locked === true;
}

/** Waits for the lock and keeps it until the transaction ends. */
export async function withTransactionLock(tx: Tx, name: LockName): Promise<void> {
  const [ours, number] = LOCK_KEYS[name];
  await sql`select pg_advisory_xact_lock(${ours}::int, ${number}::int)`.execute(tx);
}
