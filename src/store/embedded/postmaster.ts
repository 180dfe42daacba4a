import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Clock } from '../../base/clock.ts';
import { errorCode } from '../connection-errors.ts';
import type { Binaries } from './binaries.ts';
import { DATABASE_USER, environment, type Layout, startError } from './cluster.ts';
import { asArguments } from './settings.ts';
import { SOCKET_PORT } from './socket-directory.ts';
import type { RunAs } from './user.ts';

/** One running PostgreSQL. */
export interface Postmaster {
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  hasEnded(): boolean;
  /** Ends sessions and writes everything out; after the patience it is killed, which recovery mends. */
  stop(): Promise<void>;
}

export interface LaunchOptions {
  readonly layout: Layout;
  readonly binaries: Binaries;
  readonly run_as: RunAs;
  readonly socket_directory: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

/** Replay of the log after a crash is bounded by max_wal_size; this is for a very slow disk. */
const START_TIMEOUT_MS = 300_000;
const STOP_PATIENCE_MS = 30_000;
const LOG_LIMIT_BYTES = 8 * 2 ** 20;
/** "the database system is starting up" */
const CANNOT_CONNECT_NOW = '57P03';

/** Starts PostgreSQL and waits until it answers. Errors: GC1208, GC1211 disk full. */
export async function launchPostmaster(options: LaunchOptions): Promise<Postmaster> {
  const { layout, clock } = options;
  rotateLog(layout.log_file);
  const log = openSync(layout.log_file, 'a', 0o600);
  const log_start_bytes = fstatSync(log).size;
  const child = spawnPostgres(options, log);
  closeSync(log);
  let ended = false;
  let spawn_error: Error | undefined;
  const end = new Promise<void>((resolve) => {
    const settle = (error?: Error): void => {
      spawn_error = error;
      ended = true;
      resolve();
    };
    child.once('exit', () => settle());
    child.once('error', settle);
  });
  const postmaster: Postmaster = {
    pid: child.pid ?? 0,
    ended: end,
    hasEnded: () => ended,
    stop: () => stopChild(child, end, clock),
  };
  const ready = await waitUntilReady(options, postmaster);
  if (!ready) {
    await postmaster.stop();
    throw startError(layout, readFrom(layout.log_file, log_start_bytes), spawn_error);
  }
  return postmaster;
}

function spawnPostgres(options: LaunchOptions, log: number): ChildProcess {
  const { layout, binaries, run_as, socket_directory, settings } = options;
  const all = { ...settings, unix_socket_directories: socket_directory, port: String(SOCKET_PORT) };
  const [command, ...parameters] = [
    ...run_as.prefix,
    // Last before PostgreSQL itself: changing the user clears it. It stops PostgreSQL when this process dies.
    ...['setpriv', '--pdeathsig', 'INT'],
    join(binaries.root, 'bin', 'postgres'),
    ...['-D', '/proc/self/cwd', ...asArguments(all)],
  ];
  // In a session of its own, so that Ctrl-C in a terminal reaches the server only, which then stops in order.
  return spawn(command as string, parameters, {
    cwd: layout.cluster,
    env: environment(),
    stdio: ['ignore', log, log],
    detached: true,
  });
}

async function waitUntilReady({ socket_directory, clock }: LaunchOptions, postmaster: Postmaster): Promise<boolean> {
  const started_ms = clock.monotonic_ms();
  while (clock.monotonic_ms() - started_ms < START_TIMEOUT_MS) {
    if (postmaster.hasEnded()) return false;
    if (await canConnect(socket_directory)) return true;
    await clock.sleep(10);
  }
  return false;
}

async function canConnect(socket_directory: string): Promise<boolean> {
  const client = new pg.Client({
    ...{ host: socket_directory, port: SOCKET_PORT, user: DATABASE_USER, database: 'postgres' },
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === CANNOT_CONNECT_NOW || code === 'ENOENT' || code === 'ECONNREFUSED') return false;
    if (code === null || code.startsWith('E')) return false;
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function stopChild(child: ChildProcess, ended: Promise<void>, clock: Clock): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) break;
    child.kill(signal);
    const patience = new AbortController();
    const timeout = clock.sleep(STOP_PATIENCE_MS, patience.signal).catch(() => undefined);
    await Promise.race([ended, timeout]);
    patience.abort();
  }
  await ended;
}

/** The log of PostgreSQL is for mishaps; one older file is kept. */
function rotateLog(file: string): void {
  const size_bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size_bytes > LOG_LIMIT_BYTES) renameSync(file, `${file}.1`);
}

function readFrom(file: string, start_bytes: number): string {
  const descriptor = openSync(file, 'r');
  try {
    const text = Buffer.alloc(64 * 1024);
    const length = readSync(descriptor, text, 0, text.length, start_bytes);
    return text.toString('utf8', 0, length);
  } finally {
    closeSync(descriptor);
  }
}
