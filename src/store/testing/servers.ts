import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { until } from '../../base/testing/until.ts';
import { clientConfigFor } from '../address.ts';
import type { EmbeddedPostgres } from '../embedded/start.ts';

/** A process of `child-server.ts` and what it has said. */
export interface ServerProcess {
  readonly process: ChildProcess;
  readonly lines: readonly string[];
  /** The first line that begins with the word, once it is there; null when the process ended without it. */
  line(word: string): Promise<string | null>;
  /** Every row that was acknowledged. */
  kept(): number[];
  end(signal: NodeJS.Signals): Promise<void>;
}

/** `prefix` runs it as somebody else. */
export function startServerProcess(directory: string, mode = 'auto', prefix: readonly string[] = []): ServerProcess {
  const script = new URL('./child-server.ts', import.meta.url).pathname;
  const [command, ...parameters] = [...prefix, process.execPath, script, directory, mode];
  const child = spawn(command as string, parameters, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, HOME: '/' },
  });
  const lines: string[] = [];
  let ended = false;
  // When it is closed, everything that the process said has been read.
  const output = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  output.once('close', () => {
    ended = true;
  });
  return {
    process: child,
    lines,
    async line(word) {
      await until(() => ended || lines.some((line) => line.startsWith(word)), `a line that begins with ${word}`);
      return lines.find((line) => line.startsWith(word)) ?? null;
    },
    kept: () => lines.filter((line) => line.startsWith('kept ')).map((line) => Number(line.slice(5))),
    async end(signal) {
      child.kill(signal);
      await until(() => ended, 'the end of the server process');
    },
  };
}

/** Asks an embedded server once. */
export async function ask<Row extends pg.QueryResultRow>(
  address: EmbeddedPostgres['address'],
  statement: string,
): Promise<Row[]> {
  const client = new pg.Client(clientConfigFor(address));
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** Pids of every process that works in a directory or below it. */
export function processesIn(directory: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        return Number.isInteger(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(directory);
      } catch {
        return false;
      }
    });
}
