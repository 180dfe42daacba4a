import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { isSameProcess, processStart_ticks } from '../base/process.ts';

/** A write of another machine that is older than this was broken off. */
const OLDEST_MS = 24 * 3_600_000;

/** One process may open the same directory twice. */
let instances = 0;

/** Files that are being written: named after the process, so that it is known whether they still are. */
export class Incoming {
  readonly #directory: string;
  readonly #instance: number;
  readonly #host = hostname().replaceAll(/[^A-Za-z0-9.-]/g, '_');
  #count = 0;

  constructor(directory: string) {
    this.#directory = directory;
    instances += 1;
    this.#instance = instances;
  }

  /** Makes the directory, and removes what killed processes left there. */
  async prepare(clock: Clock): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#directory)) {
      const path = join(this.#directory, name);
      if (await this.#isLeftover(name, path, clock)) await rm(path, { force: true });
    }
  }

  newPath(): string {
    this.#count += 1;
    const start_ticks = processStart_ticks(process.pid) ?? 0;
    return join(this.#directory, `${this.#host},${process.pid},${start_ticks},${this.#instance},${this.#count}`);
  }

  async #isLeftover(name: string, path: string, clock: Clock): Promise<boolean> {
    const [host, pid, start_ticks] = name.split(',');
    if (host === this.#host) return !isSameProcess(Number(pid), Number(start_ticks));
    const found = await stat(path).catch(() => null);
    return found !== null && clock.now_ms() - found.mtimeMs > OLDEST_MS;
  }
}
