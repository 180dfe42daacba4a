import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { createLog, type LogLevel } from '../../base/log.ts';
import { loadConfig } from '../../config/load.ts';
import { SERVER_ROLES, type ServerRole } from '../../server/options.ts';
import { type RunningServer, startServer } from '../../server/server.ts';
import { builtParts } from '../built-parts.ts';
import { stopSignal } from '../stop-signal.ts';
import { VERSION } from '../version.ts';

interface ServerFlags {
  config?: string;
  data?: string;
  host?: string;
  port?: number;
  roles: ServerRole[];
  logLevel: LogLevel;
}

/** `groundcrew server`: serves until SIGINT or SIGTERM. */
export function serverCommand(): Command {
  return new Command('server')
    .description(
      'Start the server: API, dashboard, fleet and workers, all in one process unless --roles says otherwise',
    )
    .option('--config <file>', 'configuration file (groundcrew.yaml, or the built-in one when there is none)')
    .option('--data <directory>', 'where the server keeps what is its own, over server.data (.groundcrew)')
    .option('--host <address>', 'address to listen on, over server.host (127.0.0.1)')
    .option('--port <number>', 'port to listen on, over server.port (7420); 0 takes any free one', parsePort)
    .option('--roles <list>', `what this process does: ${SERVER_ROLES.join(',')}`, parseRoles, [...SERVER_ROLES])
    .addOption(
      new Option('--log-level <level>', 'least level of log lines')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .action(async (flags: ServerFlags) => {
      const config = await loadConfig(flags.config, process.env);
      const server = await startServer({
        config,
        data_directory: resolve(flags.data ?? config.server.data_directory),
        database_url: config.server.database_url ?? process.env.DATABASE_URL ?? null,
        roles: new Set(flags.roles),
        host: flags.host ?? config.server.host,
        port: flags.port ?? config.server.port,
        log: createLog(flags.logLevel),
        version: VERSION,
        ...builtParts(),
      });
      tellStart(server);
      await stopSignal();
      await server.stop();
    });
}

function tellStart(server: RunningServer): void {
  process.stdout.write(`✓ database  ${server.database}\n`);
  if (server.url !== '') process.stdout.write(`✓ server    ${server.url}\n`);
  if (server.admin_token !== null) {
    process.stdout.write(`\nAdmin token, shown this once:\n    ${server.admin_token}\n\n`);
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`"${text}" is not a port (0 to 65535)`);
  return port;
}

function parseRoles(text: string): ServerRole[] {
  return text.split(',').map((word) => {
    const role = SERVER_ROLES.find((known) => known === word.trim());
    if (role === undefined) throw new Error(`"${word}" is not a role (${SERVER_ROLES.join(', ')})`);
    return role;
  });
}
