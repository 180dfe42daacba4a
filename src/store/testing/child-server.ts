import pg from 'pg';
import { systemClock } from '../../base/clock.ts';
import { describeCauses } from '../../base/errors/error.ts';
import { createLog } from '../../base/log.ts';
import { clientConfigFor } from '../address.ts';
import { startEmbedded } from '../embedded/start.ts';
import type { Mode } from '../embedded/user.ts';

/**
 * A process that owns an embedded server, for tests that kill it: `child-server.ts DIRECTORY MODE`. It says `ready PID`
 * (of PostgreSQL), then writes rows one after another and says `kept N` once row N is committed. SIGTERM stops it in
 * order; a start that fails says `error CODE MESSAGE`.
 */
const [data_directory = '', mode = 'auto'] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  const log = createLog('silent');
  const server = await startEmbedded({ data_directory, clock: systemClock, log, mode: mode as Mode | 'auto' });
  let stopping = false;
  process.on('SIGTERM', () => {
    stopping = true;
    void server.stop().then(() => process.exit(0));
  });
  say(`ready ${server.pid()} ${server.version} ${server.address.socket_directory}`);
  const pool = new pg.Pool({ ...clientConfigFor(server.address), max: 1 });
  pool.on('error', () => undefined);
  await pool.query('create table if not exists kept (number int primary key)');
  const last = await pool.query<{ number: number }>('select coalesce(max(number), 0) as number from kept');
  for (let number = (last.rows[0]?.number ?? 0) + 1; !stopping; number++) {
    const kept = await pool.query('insert into kept values ($1)', [number]).then(
      () => true,
      () => false,
    );
    if (kept) say(`kept ${number}`);
    else await systemClock.sleep(20);
  }
} catch (error) {
  say(`error ${(error as { code?: string }).code} ${describeCauses(error)}`);
  process.exitCode = 1;
}
