import { join } from 'node:path';
import { messageOf } from '../../base/errors/error.ts';
import { createLog } from '../../base/log.ts';
import { startServer } from '../server.ts';
import { scratchOptions } from './scratch-server.ts';

/**
 * For tests of whole processes: `child-server.ts DIRECTORY [DATABASE-URL]` serves until SIGTERM. It says `started` with
 * what a person is told, or `failed` with the code, and logs to standard error.
 */
const [directory = '', database_url = null] = process.argv.slice(2);

try {
  const server = await startServer({ ...scratchOptions(directory), database_url, log: createLog('debug') });
  const { url, admin_token } = server;
  process.stdout.write(
    `started ${JSON.stringify({ url, admin_token, client_file: join(directory, 'data', 'client.json') })}\n`,
  );
  process.once('SIGTERM', () => {
    void server.stop().then(() => process.stdout.write('stopped\n'));
  });
} catch (error) {
  process.stdout.write(`failed ${(error as { code?: string }).code ?? messageOf(error)}\n`);
}
