import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GroundcrewError, messageOf } from '../../base/errors/error.ts';
import type { Binaries } from './binaries.ts';
import { chooseMode, type Mode, modeOfExisting, type RunAs } from './user.ts';

/** The name of the database's superuser, and of our database. */
export const DATABASE_USER = 'groundcrew';

/** Written beside the data, so that it is used again as it was made. */
interface ClusterRecord {
  mode: Mode;
  uid: number;
  gid: number;
  major: number;
  package_version: string;
}

/** Paths below the data directory. */
export interface Layout {
  readonly directory: string;
  readonly cluster: string;
  readonly unfinished: string;
  readonly record: string;
  readonly lock: string;
  readonly log_file: string;
}

export function layoutOf(directory: string): Layout {
  return {
    directory,
    cluster: join(directory, 'cluster'),
    unfinished: join(directory, 'cluster.unfinished'),
    record: join(directory, 'made-by.json'),
    lock: join(directory, 'lock'),
    log_file: join(directory, 'postgres.log'),
  };
}

/** How the data that is there was made; null when there is none. */
export function existingMode(layout: Layout, binaries: Binaries): RunAs | null {
  if (!existsSync(layout.cluster)) return null;
  const record = JSON.parse(readFileSync(layout.record, 'utf8')) as ClusterRecord;
  const expected = majorOf(binaries);
  if (record.major !== expected) {
    throw new GroundcrewError('GC1209', { directory: layout.directory, found: record.major, expected });
  }
  return modeOfExisting(layout.directory, record);
}

function majorOf(binaries: Binaries): number {
  return Number(binaries.package_version.split('.')[0]);
}

export interface InitializeOptions {
  readonly run_as: RunAs;
  /** Off for tests only. */
  readonly sync: boolean;
}

/**
 * Makes a new, empty cluster. It gets its name last, so that a killed attempt is seen as none and done again.
 * Errors: GC1211 disk full, GC1208 anything else.
 */
export async function initializeCluster(
  layout: Layout,
  binaries: Binaries,
  { run_as, sync }: InitializeOptions,
): Promise<void> {
  // An attempt whose server was killed may still be at its last writes there.
  rmSync(layout.unfinished, { recursive: true, force: true, maxRetries: 20 });
  mkdirSync(layout.unfinished, { mode: 0o700 });
  chmodSync(layout.unfinished, 0o700);
  if (run_as.uid !== process.getuid?.()) chownSync(layout.unfinished, run_as.uid, run_as.gid);
  const [command, ...options] = [
    ...run_as.prefix,
    ...['setpriv', '--pdeathsig', 'KILL'],
    join(binaries.root, 'bin', 'initdb'),
  ];
  await execute(
    layout,
    command as string,
    [
      ...options,
      // By way of our working directory: the path itself may lead through directories that only root may enter.
      ...['-D', '/proc/self/cwd', '-U', DATABASE_USER, '-E', 'UTF8', '--locale=C', '--no-instructions'],
      ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
      ...(run_as.mode === 'setpriv' ? ['--auth=peer'] : ['--auth=trust']),
      ...(sync ? [] : ['--no-sync']),
    ],
    layout.unfinished,
  );
  if (run_as.mode === 'setpriv') letOnlyRootIn(layout.unfinished);
  const { mode, uid, gid } = run_as;
  const record: ClusterRecord = {
    ...{ mode, uid, gid },
    ...{ major: majorOf(binaries), package_version: binaries.package_version },
  };
  writeFileSync(layout.record, `${JSON.stringify(record)}\n`, { mode: 0o600, flush: true });
  renameSync(layout.unfinished, layout.cluster);
}

/** PostgreSQL runs as a user that others may be, too: only the server's own user may sign in. */
function letOnlyRootIn(cluster: string): void {
  writeFileSync(join(cluster, 'pg_ident.conf'), `ours root ${DATABASE_USER}\n`);
  writeFileSync(join(cluster, 'pg_hba.conf'), 'local all all peer map=ours\n');
}

/** What the programs get to see: nothing that begins with PG, which would change what they do. */
export function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' };
}

function execute(layout: Layout, command: string, options: string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(command, options, { cwd, env: environment(), timeout: 120_000 }, (error, stdout, stderr) => {
      if (error === null) {
        resolve();
        return;
      }
      writeFileSync(layout.log_file, `${stdout}${stderr}`, { mode: 0o600 });
      reject(startError(layout, `${stderr}${stdout}`.trim() || messageOf(error), error));
    });
  });
}

/** The error that the words of PostgreSQL amount to. */
export function startError(layout: Layout, words: string, cause?: unknown): GroundcrewError {
  const lines = words.split('\n').filter((line) => line.trim() !== '');
  if (/No space left on device|Disk quota exceeded/.test(words)) {
    const detail = `${layout.directory}: ${lines.find((line) => /No space|quota/.test(line)) ?? ''}`;
    return new GroundcrewError('GC1211', { detail }, cause);
  }
  const telling = lines.filter((line) => /FATAL|PANIC|error:/.test(line)).at(-1) ?? lines.at(-1) ?? 'no reason given';
  return new GroundcrewError(
    'GC1208',
    {
      directory: layout.directory,
      detail: telling.replace(/^.*?(FATAL|PANIC|error):\s*/, ''),
      log_file: layout.log_file,
    },
    cause,
  );
}

/** How to run on this directory: as it was made before, or the best way for a new one. */
export function runAsFor(
  layout: Layout,
  binaries: Binaries,
  wanted: Mode | 'auto',
): { run_as: RunAs; is_new: boolean } {
  const existing = existingMode(layout, binaries);
  return existing === null ? { run_as: chooseMode(wanted), is_new: true } : { run_as: existing, is_new: false };
}
