import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { GroundcrewError, messageOf } from '../../base/errors/error.ts';
import type { Log, LogLevel } from '../../base/log.ts';
import { nearest } from '../../base/suggest.ts';
import {
  ALL_LANES,
  SERVER_ROLES,
  type ServerRole,
  USUAL_CONCURRENCY,
  USUAL_DRAIN_BUDGET_MS,
} from '../../server/options.ts';
import type { RunningServer } from '../../server/server.ts';
import { builtParts } from '../built-parts.ts';
import { usualClientFile } from '../client-files.ts';
import type { Context } from '../context.ts';
import type { Group } from '../group.ts';
import { shownPath } from '../own-command.ts';
import { stopSignal } from '../stop-signal.ts';
import { namedData, settingOf } from '../surroundings.ts';
import { UsageError } from '../tell-error.ts';
import { parseDuration, parsePort } from '../text/arguments.ts';
import { goOnUnread } from '../unread.ts';
import { VERSION } from '../version.ts';
import { scriptOf } from './node-shell.ts';

type Lane = typeof ALL_LANES extends ReadonlyMap<infer Name, number> ? Name : never;

const LANES_SHOWN = [...ALL_LANES.keys()].map((lane) => `${lane}:${USUAL_CONCURRENCY}`).join(',');
const CONCURRENCY_MOST = 64;

interface ServerFlags {
  config?: string;
  host?: string;
  port?: number;
  roles: ServerRole[];
  queues?: ReadonlyMap<Lane, number>;
  drainBudget?: number;
  logLevel: LogLevel;
  logFormat?: 'text' | 'json';
  endNodes?: true;
}

/** `groundcrew server`: serves until SIGINT or SIGTERM, then hands back what it works on. */
export function addServer(all: Group): void {
  all.add<[], ServerFlags>({
    usage: 'server',
    description: 'Start the server: API, dashboard, fleet and workers in one process, unless --roles says otherwise',
    example: 'groundcrew server --config groundcrew.yaml --data /var/lib/groundcrew',
    is_local: true,
    notes:
      'SIGTERM and Ctrl-C end it in order: work that is not done is handed back at once, and nodes go on without\n' +
      'it, unless --end-nodes says otherwise. A second one ends it where it stands, which loses nothing either.\n' +
      'DATABASE_URL names an outside PostgreSQL.',
    flags(command) {
      command
        .option('--config <file>', 'configuration file (groundcrew.yaml, or the built-in one when there is none)')
        .option('--host <address>', 'address to listen on, over server.host (127.0.0.1)')
        .option('--port <number>', 'port to listen on, over server.port (7420); 0 takes any free one', parsePort)
        .option('--roles <list>', `what this process does: ${SERVER_ROLES.join(',')} (all)`, parseRoles)
        .option(
          '--queues <list>',
          `lanes that the role worker drains, each with how many items at a time: ${LANES_SHOWN} (all)`,
          parseLanes,
        )
        .option(
          '--drain-budget <duration>',
          'how long begun work may go on after SIGTERM: the termination grace less 10s (20s)',
          parseDuration,
        )
        .option('--end-nodes', "at the end, delete every node of the deployment first, held ones and runs' included")
        .addOption(
          new Option('--log-level <level>', 'least level of log lines')
            .choices(['debug', 'info', 'warn', 'error'])
            .default('info'),
        )
        .addOption(
          new Option('--log-format <format>', 'text for people, or a JSON object a line (text on a terminal)').choices([
            'text',
            'json',
          ]),
        );
    },
    work: serve,
  });
}

async function serve(context: Context, flags: ServerFlags): Promise<void> {
  const { environment, directory } = context.home;
  goOnUnread(context.home);
  // What only a server needs is loaded by no other command.
  const { loadConfig } = await import('../../config/load.ts');
  const { DRIVERS } = await import('../../providers/all.ts');
  const config = await loadConfig(flags.config, environment, DRIVERS);
  const roles = new Set(flags.roles ?? SERVER_ROLES);
  if (flags.endNodes && !roles.has('fleet')) throw new UsageError('--end-nodes needs the role fleet in this process.');
  const parts = builtParts();
  if (roles.has('fleet') && !existsSync(parts.agent_bundle)) {
    throw new GroundcrewError('GC1010', { what: 'the agent', path: parts.agent_bundle });
  }
  // Asked for before anything starts, so that a signal during the start ends it in order, too.
  const stopped = stopSignal();
  const { startServer } = await import('../../server/server.ts');
  const data = namedData(context.flags, environment) ?? config.server.data_directory;
  const log = await serverLog(context, flags);
  const server = await startServer({
    config,
    variables: environment,
    data_directory: resolve(directory, data),
    database_url: config.server.database_url ?? settingOf(environment, 'DATABASE_URL') ?? null,
    roles,
    lanes: flags.queues ?? ALL_LANES,
    drain_budget_ms: flags.drainBudget ?? USUAL_DRAIN_BUDGET_MS,
    host: flags.host ?? config.server.host,
    port: flags.port ?? config.server.port,
    log,
    version: VERSION,
    ...parts,
  });
  sayStart(context, server, [...roles]);
  if (!context.json && server.url !== '') await sayCommands(context, resolve(directory, data));
  const reloading = reloadOnSignal(async () => {
    const waiting = server.applyConfiguration(await loadConfig(flags.config, environment, DRIVERS));
    const later = waiting.length === 0 ? '' : `; ${waiting.join(' and ')} only after a restart`;
    log.info({}, `the configuration was read again${later}`);
  }, log);
  await stopped;
  reloading.stop();
  if (!context.json) context.note('· stopping: handing back what is not done; once more ends it at once');
  if (flags.endNodes) {
    if (!context.json) context.note('· deleting every node');
    // Whatever keeps nodes from being deleted must not keep the server from ending.
    await server.retireNodes().catch((error: unknown) => context.note(`✗ nodes are left: ${messageOf(error)}`));
  }
  const { countLiveNodes } = await import('../../server/retire.ts');
  // A database that is away must not keep the server from ending.
  const left = await countLiveNodes(server.services).catch(() => null);
  await server.stop();
  if (!context.json) context.note(`✓ stopped${whatIsLeft(left, flags.endNodes === true)}`);
}

/** On SIGHUP, one after the other; what is wrong with the file is told, and the configuration of before goes on. */
function reloadOnSignal(reload: () => Promise<void>, log: Log): { stop(): void } {
  let earlier = Promise.resolve();
  const listener = (): void => {
    earlier = earlier
      .then(reload)
      .catch((error: unknown) => log.error({ error: messageOf(error) }, 'the configuration stays as it was'));
  };
  process.on('SIGHUP', listener);
  return { stop: () => void process.off('SIGHUP', listener) };
}

/** What goes on behind a server that has ended. Null: nobody could say. */
function whatIsLeft(nodes: number | null, were_deleted: boolean): string {
  if (nodes === null) return '; nodes go on without it, and the next start finds them';
  if (nodes === 0) return were_deleted ? ', and every node is deleted' : '';
  const [count, them] = nodes === 1 ? ['1 node', 'it'] : [`${nodes} nodes`, 'them'];
  if (were_deleted) return `; ${count} could not be deleted in time: the next start goes on with ${them}`;
  const go = nodes === 1 ? 'goes' : 'go';
  return `; ${count} ${go} on without it; the next start finds ${them}, and with groundcrew server --end-nodes its end deletes ${them}`;
}

/** Standard error as a person reads it on a terminal, and as programs do anywhere else. */
async function serverLog({ home, paint }: Context, { logLevel, logFormat }: ServerFlags): Promise<Log> {
  const { createLog } = await import('../../base/log.ts');
  if ((logFormat ?? (home.stderr.isTTY === true ? 'text' : 'json')) === 'json') return createLog(logLevel);
  const { logLine } = await import('../text/log-lines.ts');
  return createLog(logLevel, { write: (line) => void home.stderr.write(`${logLine(line, paint)}\n`) });
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
}

/** What to type next, with the data directory where commands here would not find it by themselves. */
async function sayCommands(context: Context, data: string): Promise<void> {
  const { environment, directory } = context.home;
  const found = await usualClientFile({ environment, directory, installation: null });
  const named = found === join(data, 'client.json') ? '' : ` ${scriptOf(['--data', shownPath(data, directory)])}`;
  const commands = ['Dashboard: groundcrew enter', 'Fleet: groundcrew fleet', 'Work: groundcrew job submit job.yaml'];
  context.say();
  if (named === '') context.say(commands.join('     '));
  else context.sayAll(commands.map((command) => `${command}${named}`));
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

/** `ingest:4,notify`: lanes, each with how many items at a time. */
function parseLanes(text: string): ReadonlyMap<Lane, number> {
  return new Map(
    text.split(',').map((part) => {
      const [word = '', count = String(USUAL_CONCURRENCY)] = part.trim().split(':');
      const known = [...ALL_LANES.keys()];
      const lane = known.find((one) => one === word);
      if (lane === undefined) {
        const meant = nearest(word, known);
        const hint = meant === null ? '' : ` Did you mean ${meant}?`;
        throw new InvalidArgumentError(`"${word}" is not one of ${known.join(', ')}.${hint}`);
      }
      const concurrency = /^[0-9]{1,3}$/.test(count) ? Number(count) : 0;
      if (concurrency < 1 || concurrency > CONCURRENCY_MOST) {
        throw new InvalidArgumentError(`${lane}:${count} is not between ${lane}:1 and ${lane}:${CONCURRENCY_MOST}.`);
      }
      return [lane, concurrency];
    }),
  );
}
