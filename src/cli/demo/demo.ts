import { mkdirSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../../base/clock.ts';
import { GroundcrewError } from '../../base/errors/error.ts';
import { createLog } from '../../base/log.ts';
import { randomName, systemRandom } from '../../base/random.ts';
import { formatDuration } from '../../base/units.ts';
import { parseConfig } from '../../config/load.ts';
import type { Operations } from '../../protocol/client.generated.ts';
import type { ApiClient } from '../../protocol/client.ts';
import { DRIVERS } from '../../providers/all.ts';
import { localIsolation } from '../../server/isolation.ts';
import { portUnlessTaken } from '../../server/listen.ts';
import { ALL_LANES, SERVER_ROLES, USUAL_DRAIN_BUDGET_MS } from '../../server/options.ts';
import { type RunningServer, startServer } from '../../server/server.ts';
import { builtParts } from '../built-parts.ts';
import { connect } from '../connect.ts';
import { EXIT } from '../exit-status.ts';
import { ownCommand, shownPath } from '../own-command.ts';
import { packageRoot } from '../package-root.ts';
import { stopSignal } from '../stop-signal.ts';
import { settingOf } from '../surroundings.ts';
import { Screen } from '../text/screen.ts';
import { cutTo, padTo, widthOf, wrap } from '../text/width.ts';
import { uploadCheckout } from '../upload.ts';
import { VERSION } from '../version.ts';
import { DEMO_LABELS, demoConfiguration } from './configuration.ts';
import { missingArtifacts, unmetExpectations } from './expectations.ts';
import { comparisonLines, endLine, fleetLines, runLine } from './report.ts';
import { watchRuns } from './watch.ts';

export interface DemoOptions {
  /** End after the summary, with an error when anything is not as described. */
  once: boolean;
  /** In a pipe: all that the runs print, not only how far they are. */
  verbose: boolean;
  /** Absolute. */
  data: string;
  /** Null: the usual one, or any when it is taken. */
  port: number | null;
}

type Run = Operations['getRun']['answer']['run'];

/** All of it, beyond the installation. */
const DEADLINE_MS = 90_000;
const PROJECT = 'acme/widget';
const HOST = '127.0.0.1';
const USUAL_PORT = 7420;

interface Demo {
  options: DemoOptions;
  screen: Screen;
  server: RunningServer;
  client: ApiClient;
  /** Where the server's log goes. */
  log_file: string;
}

/**
 * The whole flow on this machine: a fleet, two builds of a real project, what changed between them, a held node.
 * Answers the exit status: that of an interruption when the end was not seen. Errors: GC1018.
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const screen = new Screen(process.stdout, process.env);
  // Asked for before anything starts, so that a signal during the start ends it in order, too.
  const signal = stopSignal();
  const demo = await startDemo(options, screen);
  let stopping = false;
  try {
    const interrupted = signal.then(() => {
      stopping = true;
      return EXIT.interrupted;
    });
    const status = await Promise.race([play(demo).then(() => EXIT.fine), interrupted]);
    if (status !== EXIT.fine) return status;
    if (!options.once) {
      await tellDashboard(demo);
      await signal;
    }
    return EXIT.fine;
  } finally {
    // Whoever released a node by hand is not told that it was held.
    const holds = await demo.client.call('listHolds').catch(() => ({ items: [] }));
    await demo.server.retireNodes();
    await demo.server.stop();
    if (stopping) screen.line(endLine(holds.items.length));
  }
}

async function tellDashboard({ client, screen }: Demo): Promise<void> {
  const { url } = await client.call('createEnterLink');
  const head = 'Dashboard     ';
  if (screen.width === null || head.length + url.length <= screen.width)
    screen.line(`${head}${screen.paint.strong(url)}`);
  else for (const line of ['Dashboard', `    ${screen.paint.strong(url)}`]) screen.line(line);
  for (const hint of ['one-use sign-in link', 'Ctrl-C ends the demo and its nodes; results stay'])
    screen.line(screen.paint.quiet(`${' '.repeat(head.length)}${hint}`));
}

async function startDemo(options: DemoOptions, screen: Screen): Promise<Demo> {
  const { data } = options;
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const log_file = join(data, 'demo.log');
  const log = createLog('info', pino.destination({ fd: openSync(log_file, 'a', 0o600), sync: true }));
  const parts = builtParts();
  const { isolation, refused } = await localIsolation(data, parts, log);
  if (refused !== null) {
    // A check must show the isolation that it vouches for.
    if (process.env.CI === 'true') throw new GroundcrewError('GC1018', { problems: refused, log: log_file });
    const why = 'none: this machine refuses namespaces, so nodes are plain processes of this user';
    const indent = ' '.repeat(13);
    for (const text of [`! isolation  ${why}`, `${indent}${refused}`]) {
      for (const line of wrap(text, screen.width, indent)) screen.line(line);
    }
  }
  const started_ms = systemClock.monotonic_ms();
  const config = parseConfig(demoConfiguration(isolation), 'demo.yaml', process.env, DRIVERS);
  const database_url = settingOf(process.env, 'DATABASE_URL') ?? null;
  const server = await startServer({
    config,
    data_directory: data,
    database_url,
    roles: new Set(SERVER_ROLES),
    lanes: ALL_LANES,
    drain_budget_ms: USUAL_DRAIN_BUDGET_MS,
    host: HOST,
    port: options.port ?? (await portUnlessTaken(HOST, USUAL_PORT)),
    log,
    version: VERSION,
    ...parts,
  });
  const took = `${((systemClock.monotonic_ms() - started_ms) / 1000).toFixed(1)} s`;
  const where = database_url === null ? `, ${shownPath(join(data, 'pg'), process.cwd())}` : '';
  screen.line(`✓ database  ${fitted(`${server.database}${where}`, screen.width, took)} ${took}`);
  screen.line(`✓ server    ${server.url}`);
  screen.line();
  const client = connect({ data }, { environment: {}, directory: process.cwd(), installation: null });
  return { options, screen, server, client, log_file };
}

/** In the column of the times, as much of it as the line has room for. */
function fitted(text: string, width: number | null, took: string): string {
  const room = width === null ? Number.POSITIVE_INFINITY : width - '✓ database  '.length - took.length - 1;
  return padTo(cutTo(text, room, 'middle'), 45 < room ? 45 : 0);
}

async function play(demo: Demo): Promise<void> {
  const { client, screen, log_file } = demo;
  const started_ms = systemClock.monotonic_ms();
  const deadline = (): void => {
    if (systemClock.monotonic_ms() - started_ms > DEADLINE_MS) {
      throw new GroundcrewError('GC1018', {
        problems: `it took longer than ${DEADLINE_MS / 1000} s`,
        log: log_file,
      });
    }
  };
  await warmUp(client, screen, deadline);
  const example = join(packageRoot(), 'examples', 'widget');
  const sources = [[example], [example, join(packageRoot(), 'examples', 'widget-next')]];
  const versions: string[] = [];
  const builds: Run[][] = [];
  for (const directories of sources) {
    const version = randomName(systemRandom, 7);
    const runs = await submitBuild(client, directories, version);
    screen.line(`Build widget@${version}     ${runs.length} environments`);
    const ended = await watchRuns(client, screen, runs, {
      verbose: demo.options.verbose,
      sleep: (duration_ms) => systemClock.sleep(duration_ms),
      deadline,
    });
    for (const run of ended) screen.line(runLine(run, screen));
    screen.line();
    versions.push(version);
    builds.push(ended);
  }
  const [from, to] = versions as [string, string];
  const comparison = await client.call('compareBuilds', { query: { project: PROJECT, from, to } });
  screen.line(`widget@${from} → widget@${to}`);
  for (const line of comparisonLines(comparison, screen)) screen.line(line);
  screen.line();
  await tellHold(demo, builds.flat());
  const problems = [...unmetExpectations(builds, comparison), ...(await missingArtifacts(client, builds.flat()))];
  if (problems.length > 0) {
    throw new GroundcrewError('GC1018', {
      problems: problems.map((problem) => `- ${problem}`).join('\n'),
      log: log_file,
    });
  }
}

async function warmUp(client: ApiClient, screen: Screen, deadline: () => void): Promise<void> {
  const started_ms = systemClock.monotonic_ms();
  let first_ms: number | null = null;
  for (;;) {
    deadline();
    const fleet = await client.call('getFleet');
    const lines = fleetLines(fleet, screen.paint);
    if (first_ms === null && fleet.labels.some((row) => row.ready > 0))
      first_ms = systemClock.monotonic_ms() - started_ms;
    screen.change([screen.paint.quiet('Fleet          ready  launching'), ...lines]);
    const warm = Object.entries(DEMO_LABELS).every(([label, target]) =>
      fleet.labels.some((row) => row.label === label && row.ready >= target),
    );
    if (warm) {
      screen.change([]);
      screen.line(screen.paint.quiet('Fleet          ready  launching'));
      const first = screen.paint.quiet(`first ready after ${formatDuration(first_ms ?? 0)}`);
      const fits = screen.width === null || widthOf(`${lines[0]}   ${first}`) <= screen.width;
      for (const [index, line] of lines.entries()) screen.line(index === 0 && fits ? `${line}   ${first}` : line);
      if (!fits) screen.line(`${' '.repeat(8)}${first}`);
      screen.line();
      return;
    }
    await systemClock.sleep(100);
  }
}

async function submitBuild(client: ApiClient, directories: readonly string[], version: string): Promise<Run[]> {
  const checkout = await uploadCheckout(client, directories);
  const file = join(directories.at(-1) as string, 'job.yaml');
  const submission = await client.call('submit', {
    body: {
      job_file: await readFile(file, 'utf8'),
      file: 'job.yaml',
      variables: { GIT_COMMIT: version },
      checkout: checkout.checkout,
    },
  });
  return submission.runs;
}

async function tellHold(demo: Demo, runs: readonly Run[]): Promise<void> {
  const { client, screen, options } = demo;
  for (const run of runs.filter((candidate) => candidate.held)) {
    const { hold } = await client.call('getRun', { path: { id: String(run.id) } });
    if (hold === null) continue;
    const left_ms = Date.parse(hold.expires_at) - systemClock.now_ms();
    const held = `${hold.node_id} is held for ${formatDuration(Math.round(left_ms / 60_000) * 60_000)} because its run failed.`;
    if (options.once) {
      screen.line(held);
      screen.line('    --once ends it now; npm run demo keeps it, for a look around in it.');
    } else {
      const command = ownCommand(['node', 'shell', hold.node_id], process.cwd(), options.data, packageRoot());
      screen.line(`${held} Look around in it:`);
      screen.line(`    ${screen.paint.strong(command)}`);
    }
    screen.line();
  }
}
