import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import type { Duplex, Readable } from 'node:stream';
import { withTimeout } from '../../base/clock.ts';
import { ProviderFault } from '../../base/faults.ts';
import { processStart_ticks } from '../../base/process.ts';
import type { ProviderContext } from '../contract/calls.ts';
import { INFO_FD } from './bubblewrap.ts';
import { GATE_FD } from './command.ts';
import type { Isolation } from './isolation.ts';
import { bootId, type NodePaths, type ProcessIdentity, type ProcessRecord } from './state-directory.ts';

const START_TIMEOUT_MS = 10_000;

/** A node that is up and waits for the word. */
export interface StartingNode {
  processes: ProcessRecord;
  /** Lets the agent start. */
  letGo(): Promise<void>;
  /** Without the word it ends by itself; resolves when it has. */
  abandon(): Promise<void>;
  /** Resolves when the outermost process has ended. */
  ended: Promise<void>;
}

interface Spawned {
  child: ChildProcess;
  gate: Duplex;
  info: Readable | null;
  ended: Promise<void>;
}

async function spawnDetached(
  command: readonly string[],
  isolation: Isolation,
  paths: NodePaths,
  environment: Record<string, string>,
): Promise<Spawned> {
  const output = await open(paths.console, 'a', 0o600);
  try {
    const with_info = isolation.kind === 'bubblewrap';
    const child = spawn(command[0] as string, command.slice(1), {
      cwd: isolation.kind === 'none' ? paths.workspace : '/',
      env: environment,
      // A session of its own: it survives the server and has no terminal.
      detached: true,
      stdio: ['ignore', output.fd, output.fd, 'pipe', ...(with_info ? (['pipe'] as const) : [])],
    });
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    const gate = child.stdio[GATE_FD] as Duplex;
    const info = with_info ? (child.stdio[INFO_FD] as unknown as Readable) : null;
    // The other end may go away at any time; what that means is told by the exit.
    gate.on('error', () => {});
    info?.on('error', () => {});
    return { child, gate, info, ended };
  } finally {
    await output.close();
  }
}

/** Reads the gate until the node says that it is up; gives what it said before, or null when it ended instead. */
async function readUntilUp(gate: Duplex): Promise<string | null> {
  let text = '';
  for await (const chunk of gate.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.split('\n').includes('up')) return text;
  }
  return null;
}

async function readInfo(info: Readable): Promise<number | null> {
  let text = '';
  for await (const chunk of info.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    const match = /"child-pid"\s*:\s*(\d+)/.exec(text);
    if (match !== null) return Number(match[1]);
  }
  return null;
}

async function firstPid(spawned: Spawned, said: string): Promise<number | null> {
  if (spawned.info !== null) return await readInfo(spawned.info);
  const told = /^first (\d+)$/m.exec(said);
  return told === null ? (spawned.child.pid ?? null) : Number(told[1]);
}

function identify(pid: number | null | undefined): ProcessIdentity | null {
  const start_ticks = pid === null || pid === undefined ? null : processStart_ticks(pid);
  return start_ticks === null ? null : { pid: pid as number, start_ticks };
}

async function didNotStart(paths: NodePaths, cause?: unknown): Promise<ProviderFault> {
  const printed = await readFile(paths.console, 'utf8').catch(() => '');
  const last = printed.trimEnd().split('\n').slice(-3).join(' / ') || 'it printed nothing';
  const full = /No space left|Cannot allocate memory|Resource temporarily unavailable/.test(last);
  return new ProviderFault(full ? 'capacity' : 'transient', `The node ended while it was put together: ${last}`, cause);
}

async function waitUntilUp(spawned: Spawned, paths: NodePaths): Promise<ProcessRecord> {
  const said = await readUntilUp(spawned.gate);
  const outer = identify(spawned.child.pid);
  const first = said === null ? null : identify(await firstPid(spawned, said));
  if (said === null || outer === null || first === null) {
    await spawned.ended;
    throw await didNotStart(paths);
  }
  return { boot_id: await bootId(), outer, first, let_go: false };
}

/** Starts a node's processes up to the point where they wait for our word. Throws ProviderFault. */
export async function startNode(
  command: readonly string[],
  isolation: Isolation,
  paths: NodePaths,
  environment: Record<string, string>,
  context: ProviderContext,
): Promise<StartingNode> {
  const spawned = await spawnDetached(command, isolation, paths, environment);
  const abandon = async (): Promise<void> => {
    spawned.gate.destroy();
    spawned.info?.destroy();
    await spawned.ended;
  };
  const late = () =>
    new ProviderFault('transient', `The node was not up after ${START_TIMEOUT_MS / 1000} s; its start was given up.`);
  try {
    const processes = await withTimeout(context.clock, START_TIMEOUT_MS, () => waitUntilUp(spawned, paths), late);
    return {
      processes,
      abandon,
      ended: spawned.ended,
      async letGo() {
        await new Promise<void>((resolve) => spawned.gate.end('go\n', () => resolve()));
        spawned.gate.destroy();
        spawned.info?.destroy();
        // From here on it does not keep us alive, nor end with us.
        spawned.child.unref();
      },
    };
  } catch (error) {
    spawned.child.kill('SIGKILL');
    await abandon();
    throw error;
  }
}
