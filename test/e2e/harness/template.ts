import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { startEmbedded } from '../../../src/store/embedded/start.ts';
import { SCRATCH_PREFIX } from './leftovers.ts';

let template: Promise<string> | null = null;

/**
 * Puts an empty database cluster, stopped in order, where a server will look for its own: making one takes longer than
 * everything else that a small test does. One is made for each test process.
 */
export async function placeEmptyCluster(data: string): Promise<void> {
  template ??= makeTemplate();
  const source = await template;
  mkdirSync(data, { recursive: true, mode: 0o700 });
  // Owners and modes as they are: the directory remembers how it was made.
  execFileSync('cp', ['-a', '--reflink=auto', source, join(data, 'pg')]);
}

async function makeTemplate(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), `${SCRATCH_PREFIX}${process.pid}-`));
  const options = { data_directory: directory, clock: systemClock, log: silentLog, unsafe_for_tests: true };
  const embedded = await startEmbedded(options);
  await embedded.stop();
  return directory;
}

/** At the end of a test file, whose own template it is. */
export async function removeTemplate(): Promise<void> {
  const made = template;
  template = null;
  const directory = await made?.catch(() => null);
  if (directory) rmSync(directory, { recursive: true, force: true });
}
