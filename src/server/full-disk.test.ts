import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { needs } from '../../tools/needs/needs.ts';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { FleetView } from '../protocol/api/fleet.ts';
import { BALLAST_BYTES, ballastStep, isShort, startBallast } from '../store/embedded/ballast.ts';
import { startScratch, until } from './testing/scratch-server.ts';

const MIB = 2 ** 20;
const WITH_DISK = needs('mounts');
let disk: string;
beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), 'groundcrew-disk-'));
});
afterEach(() => {
  spawnSync('umount', ['-l', disk]);
  rmSync(disk, { recursive: true, force: true });
});

/** A disk of 640 MiB, where the test may fill it. */
function mountDisk(): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=640m', 'groundcrew-test', disk]);
}

/** Leaves so much free, by a file of its own. */
function fill(left_bytes: number): string {
  const { bavail, bsize } = statfsSync(disk);
  const filler = join(disk, 'filler');
  const length = String(bavail * bsize - left_bytes);
  expect(spawnSync('fallocate', ['--length', length, filler]).status).toBe(0);
  return filler;
}

test('the ballast goes just before the disk is full, and comes back only where there is room for several', () => {
  expect(ballastStep(0, true)).toBe('release');
  expect(ballastStep(BALLAST_BYTES, true)).toBe('keep');
  // What it gave back is not at once enough to take it again.
  expect(ballastStep(2 * BALLAST_BYTES, false)).toBe('keep');
  expect(ballastStep(0, false)).toBe('keep');
  expect(ballastStep(5 * BALLAST_BYTES, false)).toBe('make');
  expect(isShort(100 * MIB, 100_000 * MIB)).toBe(true);
  expect(isShort(129 * MIB, 100_000 * MIB)).toBe(false);
  expect(isShort(100 * MIB, 2_000 * MIB)).toBe(false);
  expect(isShort(30 * MIB, 2_000 * MIB)).toBe(true);
});

test('it is really allocated and for its owner only', WITH_DISK, async () => {
  mountDisk();
  const ballast = startBallast(disk, systemClock, silentLog);
  await ballast.look();
  await ballast.stop();
  const { mode, blocks } = statSync(join(disk, 'ballast'));
  expect(mode & 0o777).toBe(0o600);
  expect(blocks * 512).toBeGreaterThanOrEqual(BALLAST_BYTES);
});

test('a disk that fills up is told, the database goes on, and it starts again on a full one', WITH_DISK, async () => {
  mountDisk();
  const change = { data_directory: join(disk, 'data'), roles: new Set(['api'] as const) };
  const file = join(disk, 'data', 'pg', 'ballast');
  let server = await startScratch(change);
  const ready = async (): Promise<number> => (await server.call('GET', '/health/ready', { token: null })).status;
  try {
    expect(existsSync(file)).toBe(true);
    expect(await ready()).toBe(200);
    await server.close();
    // As what a job leaves behind, with no byte for PostgreSQL's own lock files.
    fill(0);
    server = await startScratch(change);
    expect(existsSync(file)).toBe(false);
    await server.token('admin');
    rmSync(join(disk, 'filler'));
    await until('the space is set aside again', () => existsSync(file));
    expect(await ready()).toBe(200);
    fill(4 * MIB);
    await until('the space is given back', () => !existsSync(file));
    await server.token('admin');
    rmSync(join(disk, 'filler'));
    fill(8 * MIB);
    await until('it is told', async () => (await ready()) === 503);
    const answer = await server.call('GET', '/health/ready', { token: null });
    const problem = (await answer.json()) as { code: string; detail: string };
    expect(problem).toMatchObject({
      code: 'GC1211',
      detail: expect.stringMatching(/^The disk is full: only .* are free/),
    });
    const { problems } = (await (await server.call('GET', '/api/v1/fleet')).json()) as FleetView;
    expect(problems).toContainEqual({
      ...{ code: 'disk', subject: 'disk', provider: null, node_type: null },
      // The same sentence; the database may have given back a segment between the two answers.
      text: expect.stringMatching(/^The disk is full: only .* are free in .*groundcrew-disk-/),
    });
    rmSync(join(disk, 'filler'));
    await until('it is ready again', async () => (await ready()) === 200);
  } finally {
    await server.close();
  }
});
