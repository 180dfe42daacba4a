import { spawn } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { dateFrom, withTimeout } from '../../src/base/clock.ts';
import { messageOf } from '../../src/base/errors/error.ts';
import { formatSize } from '../../src/base/units.ts';
import { AGENT_PATHS } from '../../src/protocol/agent.ts';
import type { Context } from '../context.ts';
import { discard, httpRequest, serverAddress } from '../link/http.ts';

/** One line for people; throws an `Error` with one when the node is not fit. */
export type BuiltInTask = (context: Context, timeout_ms: number) => Promise<string>;

const LEAST_FREE_BYTES = 256 * 2 ** 20;
/** HTTP's Date counts whole seconds, so less than two cannot be told from none. */
const MOST_SKEW_MS = 5_000;

export const BUILT_IN_TASKS: Readonly<Record<string, BuiltInTask>> = {
  'builtin:disk': disk,
  'builtin:network': network,
  'builtin:clock': clock,
  'builtin:workspace': workspace,
};

/** Those that ask the server: one that hangs is not reached either. */
export const ASK_SERVER: ReadonlySet<string> = new Set(['builtin:network', 'builtin:clock']);

async function disk(context: Context): Promise<string> {
  const space = await statfs(context.settings.workspace);
  const free_bytes = space.bavail * space.bsize;
  const percent = space.blocks === 0 ? 100 : Math.round((100 * space.bavail) / space.blocks);
  if (free_bytes < LEAST_FREE_BYTES) throw new Error(`only ${formatSize(free_bytes)} free (${percent} %)`);
  if (space.files > 0 && space.ffree === 0) throw new Error('no inodes are free');
  return `${percent} % free`;
}

async function network(context: Context, timeout_ms: number): Promise<string> {
  const hasLoopback = Object.values(networkInterfaces()).some((list) => list?.some((address) => address.internal));
  if (!hasLoopback) throw new Error('the loopback interface is down');
  await serverDate(context, timeout_ms);
  return 'loopback up, server reached';
}

async function clock(context: Context, timeout_ms: number): Promise<string> {
  const skew_ms = await serverDate(context, timeout_ms);
  if (Math.abs(skew_ms) > MOST_SKEW_MS) {
    throw new Error(
      `${(skew_ms / 1000).toFixed(1)} s off the server's clock (now ${dateFrom(context.clock.now_ms()).toISOString()})`,
    );
  }
  return Math.abs(skew_ms) < 1000 ? 'within 1 s' : `${(skew_ms / 1000).toFixed(1)} s off`;
}

/** The server did not answer: the node's fault, or the server's own outage. */
export class ServerUnreached extends Error {
  override readonly name = 'ServerUnreached';
}

/** Our clock minus the server's, milliseconds, 0 within the second that its Date header counts. */
async function serverDate(context: Context, timeout_ms: number): Promise<number> {
  // Any answer carries a Date, also one that wants a websocket here.
  const response = await httpRequest(serverAddress(context.settings.server_url), {
    method: 'HEAD',
    path: AGENT_PATHS.connect,
    bearer: null,
    idle_timeout_ms: timeout_ms,
  }).catch((error: unknown) => {
    throw new ServerUnreached(`the server was not reached: ${messageOf(error)}`, { cause: error });
  });
  const now_ms = context.clock.now_ms();
  await discard(response);
  const told_ms = Date.parse(response.headers.date ?? '');
  if (Number.isNaN(told_ms)) throw new Error('the server told no date');
  if (now_ms < told_ms) return now_ms - told_ms;
  return Math.max(0, now_ms - told_ms - 1000);
}

/** Empty, and the payload's own user may write there. */
async function workspace(context: Context, timeout_ms: number): Promise<string> {
  const { payload_command, workspace: directory } = context.settings;
  const script = 'cd "$1" && : > .groundcrew-probe && rm .groundcrew-probe && ls -A | head -n 5';
  const argv = [...payload_command, 'sh', '-ec', script, 'sh', directory];
  const child = spawn(argv[0] as string, argv.slice(1), { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-500);
    });
  }
  const code = await withTimeout(
    context.clock,
    timeout_ms,
    (signal) =>
      new Promise<number | null>((resolve, reject) => {
        signal.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
        child.on('error', reject);
        child.on('close', resolve);
      }),
    () => new Error('no answer in time'),
  );
  if (code !== 0) throw new Error(`the payload cannot write in ${directory}: ${output.trim()}`);
  if (output.trim() !== '') throw new Error(`not clean: ${output.trim().split('\n').join(', ')}`);
  return 'clean, writable';
}
