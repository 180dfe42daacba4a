import { messageOf } from '../../base/errors/error.ts';
import type { Operations } from '../../protocol/client.generated.ts';
import type { ApiClient } from '../../protocol/client.ts';
import { readEvents } from '../event-stream.ts';
import type { Screen } from '../text/screen.ts';
import { wrap } from '../text/width.ts';

type Run = Operations['getRun']['answer']['run'];

/** Log lines shown at a time on a terminal, below the runs. */
const LOG_LINES_SHOWN = 6;
const LOOK_MS = 150;

/** How much of the runs is said in a pipe: on which node each began, or all that they print as well. */
export interface WatchOptions {
  verbose: boolean;
  sleep(duration_ms: number): Promise<void>;
  deadline(): void;
}

/**
 * Follows runs to their verdicts: on a terminal their states and the end of their logs in place. Answers them as they
 * ended. Ends with an error when the deadline passes.
 */
export async function watchRuns(
  client: ApiClient,
  screen: Screen,
  runs: readonly Run[],
  { verbose, sleep, deadline }: WatchOptions,
): Promise<Run[]> {
  const watched = new Map<number, Run>(runs.map((run) => [run.id, run]));
  const begun = new Set<number>();
  const recent: string[] = [];
  const stop = new AbortController();
  const show = (line: string): void => {
    recent.push(line);
    if (verbose && !screen.terminal) screen.line(line);
  };
  const logs = runs.map((run) => followOne(client, screen, run, show, stop.signal));
  try {
    while ([...watched.values()].some((run) => run.state !== 'finished')) {
      deadline();
      await sleep(LOOK_MS);
      for (const [first, run] of watched) {
        if (run.state === 'finished') continue;
        const now = await lookAt(client, screen, run);
        watched.set(first, now);
        if (!screen.terminal && now.node_id !== null && !begun.has(now.id)) {
          begun.add(now.id);
          screen.line(`${now.environment.padEnd(7)}on node ${now.node_id}`);
        }
      }
      screen.change([
        ...[...watched.values()].map((run) => progressLine(run, screen)),
        ...recent.slice(-LOG_LINES_SHOWN),
      ]);
    }
    await Promise.race([Promise.all(logs), sleep(2000)]);
  } finally {
    stop.abort();
    screen.change([]);
  }
  return [...watched.values()];
}

/** The run as it is now; when the machine failed it and it is tried again elsewhere, the next attempt. */
async function lookAt(client: ApiClient, screen: Screen, run: Run): Promise<Run> {
  const detail = await client.call('getRun', { path: { id: String(run.id) } });
  const next = detail.other_attempts.find((other) => other.attempt > detail.run.attempt);
  if (detail.run.verdict !== 'infra' || next === undefined) return detail.run;
  const why = `${run.environment.padEnd(7)}! ${detail.run.reason ?? 'the node failed'}; again, on another node`;
  for (const line of wrap(why, screen.width, ' '.repeat(9))) screen.line(line);
  return (await client.call('getRun', { path: { id: String(next.id) } })).run;
}

function progressLine(run: Run, screen: Screen): string {
  return `${run.environment.padEnd(7)}${screen.paint.quiet(`${run.state}${run.node_id === null ? '' : ` on ${run.node_id}`}`)}`;
}

async function followOne(
  client: ApiClient,
  screen: Screen,
  run: Run,
  show: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let rest = '';
  const decoder = new TextDecoder();
  try {
    const address = client.address('followLog', { path: { id: String(run.id) } });
    for await (const { event, data } of readEvents(address, client.headers, signal)) {
      if (event !== 'log') continue;
      rest += decoder.decode(Buffer.from(data, 'base64'), { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) show(screen.paint.quiet(`${run.environment} │ ${line}`));
    }
  } catch (error) {
    // The log can be read later, too; the demo's own checks say whether the run came out right.
    if (!signal.aborted) show(screen.paint.quiet(`${run.environment} │ (the live log broke off: ${messageOf(error)})`));
  }
}
