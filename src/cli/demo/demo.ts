import { mkdirSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../../base/clock.ts';
import { GroundcrewError } from '../../base/errors/error.ts';
import { createLog } from '../../base/log.ts';
import { randomName, systemRandom } from '../../base/random.ts';
import { formatDuration } from '../../base/units.ts';
import { parseConfig } from '../../config/load.ts';
import type { Operations } from '../../protocol/client.generated.ts';
import type { ApiClient } from '../../protocol/client.ts';
import { localIsolation } from '../../server/isolation.ts';
import { SERVER_ROLES } from '../../server/options.ts';
import { type RunningServer, startServer } from '../../server/server.ts';
import { builtParts } from '../built-parts.ts';
import { connect } from '../connect.ts';
import { packageRoot } from '../package-root.ts';
import { stopSignal } from '../stop-signal.ts';
import { Screen } from '../text/screen.ts';
import { uploadCheckout } from '../upload.ts';
import { VERSION } from '../version.ts';
import { DEMO_LABELS, demoConfiguration } from './configuration.ts';
import { unmetExpectations } from './expectations.ts';
import { comparisonLines, fleetLines, runLine } from './report.ts';
import { watchRuns } from './watch.ts';

export interface DemoOptions {
  /** End after the summary, with an error when anything is not as described. */
  once: boolean;
  data: string;
  port: number;
}

type Run = Operations['getRun']['answer']['run'];

/** All of it, beyond the installation. */
const DEADLINE_MS = 90_000;
const PROJECT = 'acme/widget';

/** The whole flow on this machine: a fleet, two builds of a real project, what changed between them, a held node. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const screen = new Screen(process.stdout, process.env);
  const data = resolve(options.data);
  const demo = await startDemo(options, data, screen);
  const signal = stopSignal();
  try {
    await Promise.race([play(demo.client, screen, demo.server), signal.then(() => Promise.reject(new Interrupted()))]);
    if (!options.once) {
      const { url } = await demo.client.call('createEnterLink');
      screen.line(`Dashboard     ${screen.paint.strong(url)}`);
      screen.line(screen.paint.quiet('              one-use sign-in link; Ctrl-C ends the demo, its data stays'));
      await signal;
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    await demo.server.retireNodes();
    await demo.server.stop();
  }
}

class Interrupted extends Error {}

async function startDemo(
  options: DemoOptions,
  data: string,
  screen: Screen,
): Promise<{ server: RunningServer; client: ApiClient }> {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const log_file = join(data, 'demo.log');
  const log = createLog('info', pino.destination({ fd: openSync(log_file, 'a', 0o600), sync: true }));
  const parts = builtParts();
  const { isolation, refused } = await localIsolation(data, parts, log);
  if (refused !== null) {
    // A check must show the isolation that it vouches for.
    if (process.env.CI === 'true') throw new GroundcrewError('GC1018', { problems: refused, log: log_file });
    screen.line(`! isolation  none: this machine refuses namespaces, so nodes are plain processes of this user`);
    screen.line(`             ${refused}`);
  }
  const started_ms = systemClock.monotonic_ms();
  const config = parseConfig(demoConfiguration(isolation), 'demo.yaml', process.env);
  const server = await startServer({
    config,
    data_directory: data,
    database_url: process.env.DATABASE_URL ?? null,
    roles: new Set(SERVER_ROLES),
    host: '127.0.0.1',
    port: options.port,
    log,
    version: VERSION,
    ...parts,
  });
  const took = `${((systemClock.monotonic_ms() - started_ms) / 1000).toFixed(1)} s`;
  screen.line(`✓ database  ${`${server.database}, ${relative('.', join(data, 'pg'))}`.padEnd(45)} ${took}`);
  screen.line(`✓ server    ${server.url}`);
  screen.line();
  return { server, client: connect({ data }, {}) };
}

async function play(client: ApiClient, screen: Screen, server: RunningServer): Promise<void> {
  const started_ms = systemClock.monotonic_ms();
  const deadline = (): void => {
    if (systemClock.monotonic_ms() - started_ms > DEADLINE_MS) {
      throw new GroundcrewError('GC1018', {
        problems: `it took longer than ${DEADLINE_MS / 1000} s`,
        log: '.groundcrew/demo.log',
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
    const ended = await watchRuns(client, screen, runs, (duration_ms) => systemClock.sleep(duration_ms), deadline);
    for (const run of ended) screen.line(runLine(run, screen.paint));
    screen.line();
    versions.push(version);
    builds.push(ended);
  }
  const [from, to] = versions as [string, string];
  const comparison = await client.call('compareBuilds', { query: { project: PROJECT, from, to } });
  screen.line(`widget@${from} → widget@${to}`);
  for (const line of comparisonLines(comparison, screen.paint)) screen.line(line);
  screen.line();
  await tellHold(client, screen, builds.flat());
  const problems = unmetExpectations(builds, comparison);
  if (problems.length > 0) {
    throw new GroundcrewError('GC1018', {
      problems: problems.map((problem) => `- ${problem}`).join('\n'),
      log: server.url,
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
      for (const [index, line] of lines.entries()) screen.line(index === 0 ? `${line}   ${first}` : line);
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

async function tellHold(client: ApiClient, screen: Screen, runs: readonly Run[]): Promise<void> {
  for (const run of runs.filter((candidate) => candidate.held)) {
    const { hold } = await client.call('getRun', { path: { id: String(run.id) } });
    if (hold === null) continue;
    const left_ms = Date.parse(hold.expires_at) - systemClock.now_ms();
    screen.line(
      `${hold.node_id} is held for ${formatDuration(Math.round(left_ms / 60_000) * 60_000)} because its run failed. Look around in it:`,
    );
    screen.line(`    ${screen.paint.strong(hold.shell_command)}`);
    screen.line();
  }
}
