import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/base/random.ts';
import { needs } from '../../tools/needs/needs.ts';
import { artifactOf, attemptsOf, detail, finished, junitStep, logOf, submitOne, ticks } from './harness/jobs.ts';
import { testWorld } from './harness/test-world.ts';
import { until } from './harness/wait.ts';

/** A tar.gz with a file of so many bytes that cannot be made smaller. */
function archiveOf(size_bytes: number, directory: string): Buffer {
  writeFileSync(join(directory, 'large.bin'), systemRandom.bytes(size_bytes));
  const options = { maxBuffer: 2 * size_bytes };
  return execFileSync('tar', ['-cz', '-C', directory, 'large.bin'], options);
}

describe('a full disk under the object store', needs('mounts'), () => {
  it('is told, loses nothing, and all goes on when there is room', { timeout: 400_000 }, async (context) => {
    const world = await testWorld(context, { is_new: true, blobs: { directory: 'blobs' } });
    const blobs = join(world.data, 'blobs');
    mkdirSync(blobs, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'groundcrew-e2e', blobs]);
    context.onTestFinished(() => {
      try {
        execFileSync('umount', ['-l', blobs], { stdio: 'ignore' });
      } catch {
        // The test itself unmounted it.
      }
    });
    await world.start();
    const before = await submitOne(world, {
      steps: ['head -c 10000000 /dev/urandom > big.bin'],
      artifacts: ['big.bin'],
    });
    const whole = await finished(world, before.id);
    expect(whole.run.verdict).toBe('passed');
    const filler = join(blobs, 'filler');
    const { bavail, bsize } = statfsSync(blobs);
    writeFileSync(filler, Buffer.alloc(bavail * bsize - 2_000_000));
    // A person who uploads hears of it.
    const { client } = world;
    const response = await fetch(client.address('uploadCheckout'), {
      method: 'POST',
      headers: { ...client.headers, 'content-type': 'application/gzip' },
      body: new Uint8Array(archiveOf(4_000_000, world.directory)),
    });
    const problem = (await response.json()) as { code: string; detail: string; next: string };
    expect(`${response.status} ${problem.code}`).toBe('507 GC1211');
    expect(problem.detail).toContain('The disk is full');
    expect(problem.next).not.toBe('');
    // A run's files wait for room, and its log is kept meanwhile.
    const told_before = world.logTail(Number.POSITIVE_INFINITY).length;
    const { id } = await submitOne(world, {
      steps: [
        'echo kept',
        junitStep(20),
        'head -c 10000000 /dev/urandom > big.bin; sha256sum big.bin | cut -c1-64 > big.sum',
      ],
      results: ['junit.xml'],
      artifacts: ['big.*'],
    });
    await until('the disk was too full for its file', 40_000, async () => {
      const told = world.logTail(Number.POSITIVE_INFINITY).slice(told_before);
      const { steps } = await detail(world, id);
      return /GC1211|disk is full/.test(told) && steps.length === 3 && steps.every(({ state }) => state === 'passed');
    });
    await ticks(world, 1);
    expect((await detail(world, id)).run.state).toBe('running');
    rmSync(filler);
    const found = await finished(world, id);
    expect(found.run).toMatchObject({ verdict: 'passed', attempt: 1, counts: { pass: 20 } });
    const sum = (await artifactOf(world, found, 'big.sum')).toString().trim();
    expect(found.artifacts.find(({ path }) => path === 'big.bin')?.sha256).toBe(sum);
    expect((await artifactOf(world, found, 'big.bin')).length).toBe(10_000_000);
    expect((await logOf(world, id)).toString()).toBe('kept\n');
    expect((await artifactOf(world, whole, 'big.bin')).length).toBe(10_000_000);
    expect(await attemptsOf(world, id)).toHaveLength(1);
    await world.rest(async () => {
      await world.stop();
      execFileSync('umount', [blobs]);
    });
  });
});
