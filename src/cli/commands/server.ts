import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { GroundcrewError } from '../../base/errors/error.ts';
import type { LogLevel } from '../../base/log.ts';
import { nearest } from '../../base/suggest.ts';
import { SERVER_ROLES, type ServerRole } from '../../server/options.ts';
import type { RunningServer } from '../../server/server.ts';
import { builtParts } from '../built-parts.ts';
import type { Context } from '../context.ts';
import type { Group } from '../group.ts';
import { stopSignal } from '../stop-signal.ts';
import { settingOf } from '../surroundings.ts';
import { parsePort } from '../text/arguments.ts';
import { goOnUnread } from '../unread.ts';
import { VERSION } from '../version.ts';

interface ServerFlags {
  config?: string;
  host?: string;
  port?: number;
  roles: ServerRole[];
  logLevel: LogLevel;
}

/** `groundcrew server`: serves until SIGINT or SIGTERM, then hands back what it works on. */
export function addServer(all: Group): void {
  all.add<[], ServerFlags>({
    usage: 'server',
    description: 'Start the server: API, dashboard, fleet and workers in one process, unless --roles says otherwise',
    example: 'groundcrew server --config groundcrew.yaml --data /var/lib/groundcrew',
    notes:
      'SIGTERM and Ctrl-C end it in order: work that is not done is handed back at once, and nodes go on without\n' +
      'it. A second one ends it where it stands, which loses nothing either. DATABASE_URL names an outside PostgreSQL.',
    flags(command) {
      command
        .option('--config <file>', 'configuration file (groundcrew.yaml, or the built-in one when there is none)')
        .option('--host <address>', 'address to listen on, over server.host (127.0.0.1)')
        .option('--port <number>', 'port to listen on, over server.port (7420); 0 takes any free one', parsePort)
        .option('--roles <list>', `what this process does: ${SERVER_ROLES.join(',')} (all)`, parseRoles)
        .addOption(
          new Option('--log-level <level>', 'least level of log lines')
            .choices(['debug', 'info', 'warn', 'error'])
            .default('info'),
        );
    },
    work: serve,
  });
}

async function serve(context: Context, flags: ServerFlags): Promise<void> {
  const { environment, directory } = context.home;
  goOnUnread(context.home);
  // What only a server needs is loaded by no other command.
  const { createLog } = await import('../../base/log.ts');
  const { loadConfig } = await import('../../config/load.ts');
  const config = await loadConfig(flags.config, environment);
  const roles = new Set(flags.roles ?? SERVER_ROLES);
  const parts = builtParts();
  if (roles.has('fleet') && !existsSync(parts.agent_bundle)) {
    throw new GroundcrewError('GC1010', { what: 'the agent', path: parts.agent_bundle });
  }
  // Asked for before anything starts, so that a signal during the start ends it in order, too.
  const stopped = stopSignal();
  const { startServer } = await import('../../server/server.ts');
  const data = context.flags.data ?? settingOf(environment, 'GROUNDCREW_DATA') ?? config.server.data_directory;
  const server = await startServer({
    config,
    data_directory: resolve(directory, data),
    database_url: config.server.database_url ?? settingOf(environment, 'DATABASE_URL') ?? null,
    roles,
    host: flags.host ?? config.server.host,
    port: flags.port ?? config.server.port,
    log: createLog(flags.logLevel),
    version: VERSION,
    ...parts,
  });
  sayStart(context, server, [...roles]);
  await stopped;
  if (!context.json) context.note('· stopping: handing back what is not done; once more ends it at once');
  await server.stop();
  if (!context.json) context.note('✓ stopped');
}

function sayStart(context: Context, server: RunningServer, roles: readonly ServerRole[]): void {
  const { url, database, admin_token } = server;
  if (context.json) {
    context.sayEvent({ url, database, admin_token });
    return;
  }
  context.say(`✓ database  ${database}`);
  context.say(url === '' ? `✓ running   ${roles.join(', ')}; no API in this process` : `✓ server    ${url}`);
  if (admin_token !== null) {
    context.say();
    context.say('Admin token, shown this once:');
    context.say(`    ${admin_token}`);
  }
  if (url === '') return;
  context.say();
  context.say('Dashboard: groundcrew enter     Fleet: groundcrew fleet     Work: groundcrew job submit job.yaml');
}

function parseRoles(text: string): ServerRole[] {
  return text.split(',').map((word) => {
    const role = SERVER_ROLES.find((known) => known === word.trim());
    if (role !== undefined) return role;
    const meant = nearest(word.trim(), SERVER_ROLES);
    const hint = meant === null ? '' : ` Did you mean ${meant}?`;
    throw new InvalidArgumentError(`"${word}" is not one of ${SERVER_ROLES.join(', ')}.${hint}`);
  });
}
