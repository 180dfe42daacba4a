import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '../src/base/clock.ts';
import { type Log, silentLog } from '../src/base/log.ts';
import { type Random, systemRandom } from '../src/base/random.ts';
import type { Figure } from './figure.ts';

/** What a module of figures is handed. */
export interface BenchContext {
  clock: Clock;
  random: Random;
  log: Log;
  /** The checkout. */
  root: string;
  /** Empty, on the checkout's own disk, and removed afterwards. */
  directory: string;
  /** Tells a person what is going on, on standard error. */
  progress(text: string): void;
}

/** What a file of `bench/` exports to take part; it ends whatever it started, also when it throws. */
export interface BenchModule {
  figures(context: BenchContext): AsyncIterable<Figure>;
}

/** Runs the work with a context of its own, and removes its directory. */
export async function withContext<T>(root: string, work: (context: BenchContext) => Promise<T>): Promise<T> {
  // Short, since a Unix socket's path may have 107 bytes.
  const directory = await mkdtemp(join(root, '.groundcrew-bench-'));
  const progress = (text: string): void => void process.stderr.write(`  ${text}\n`);
  try {
    return await work({ clock: systemClock, random: systemRandom, log: silentLog, root, directory, progress });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
