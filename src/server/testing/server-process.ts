import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './scratch-server.ts';

/** A server in a process of its own. */
export interface ServerProcess {
  readonly process: ChildProcess;
  readonly url: string;
  readonly admin_token: string | null;
  /** Everything that it wrote. */
  written(): string;
  /** Sends the signal; resolves with the exit code when the process is gone. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** A new database is made with many files: slow on a busy disk. */
const START_WITHIN_MS = 60_000;

const children = new Set<ChildProcess>();

/** Ends what tests that failed left running. */
export function killProcesses(): void {
  for (const child of children) child.kill('SIGKILL');
}

/** Starts it on a directory; the code of the error when it does not start. */
export async function startProcess(
  directory: string,
  database_url: string | null = null,
): Promise<ServerProcess | string> {
  const script = join(import.meta.dirname, 'child-server.ts');
  const child = spawn(process.execPath, [script, directory, ...(database_url === null ? [] : [database_url])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const written = { stdout: '', stderr: '' };
  const all = (): string => written.stdout + written.stderr;
  let gone: { code: number | null } | null = null;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (data: Buffer) => {
      written[name] += data.toString();
    });
  }
  child.once('close', (code) => {
    gone = { code };
    children.delete(child);
  });
  const [word, rest] = await until(
    'a word of the server',
    () => {
      const line = /^(started|failed) (.*)\n/m.exec(written.stdout);
      if (line === null && gone !== null) throw new Error(`the server ended without a word: ${all()}`);
      return line === null ? null : [line[1] as string, line[2] as string];
    },
    START_WITHIN_MS,
  );
  if (word === 'failed') {
    await until('the end of a server that failed', () => gone);
    return rest;
  }
  const told = JSON.parse(rest) as { url: string; admin_token: string | null };
  return {
    ...{ process: child, url: told.url, admin_token: told.admin_token },
    written: all,
    async end(signal) {
      child.kill(signal);
      return (await until('the end of the server', () => gone)).code;
    },
  };
}

/** Processes whose command line names this directory: the database's, above all. */
export function processesOf(directory: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(directory) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}
