import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { needs } from '../../tools/needs/needs.ts';
import { until } from '../base/testing/until.ts';
import { virtualClock } from '../base/testing/virtual-clock.ts';
import { openDirectoryBlobs } from './directory.ts';
import { blobsContract } from './testing/contract-suite.ts';

const root = mkdtempSync(join(tmpdir(), 'groundcrew-blobs-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const fresh = () => mkdtempSync(join(root, 'blobs-'));

blobsContract('directory', () => openDirectoryBlobs(fresh()));

test('what a killed process was writing is removed by the next one; what a living one is writing is not', async () => {
  const directory = fresh();
  const script = `
    import { openDirectoryBlobs } from ${JSON.stringify(new URL('./directory.ts', import.meta.url).href)};
    const blobs = await openDirectoryBlobs(${JSON.stringify(directory)});
    void blobs.put('half', (async function* () { yield Buffer.alloc(100); console.log('writing'); await new Promise(() => {}); })());
    process.stdin.resume();`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const incoming = () => readdirSync(join(directory, '.incoming'));
  await until(() => incoming().length > 0, 'a write that has begun');
  await openDirectoryBlobs(directory);
  expect(incoming()).toHaveLength(1);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  const blobs = await openDirectoryBlobs(directory);
  expect(incoming()).toEqual([]);
  expect(await blobs.head('half')).toBeNull();
});

test('a broken-off write of another machine goes after a day', async () => {
  const directory = fresh();
  await openDirectoryBlobs(directory);
  writeFileSync(join(directory, '.incoming', 'elsewhere,1,2,1,1'), 'x');
  await openDirectoryBlobs(directory);
  expect(readdirSync(join(directory, '.incoming'))).toHaveLength(1);
  const { mtimeMs } = statSync(join(directory, '.incoming', 'elsewhere,1,2,1,1'));
  await openDirectoryBlobs(directory, virtualClock({ start_ms: mtimeMs + 25 * 3_600_000 }));
  expect(readdirSync(join(directory, '.incoming'))).toEqual([]);
});

test('a full disk is said to be full, and takes nothing away', needs('mounts'), async () => {
  const directory = fresh();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', directory]);
  try {
    const blobs = await openDirectoryBlobs(directory);
    await blobs.put('kept', Buffer.from('kept'));
    await expect(blobs.put('new', Buffer.alloc(2 ** 20))).rejects.toMatchObject({ code: 'GC1211' });
    expect(readdirSync(join(directory, '.incoming'))).toEqual([]);
    expect(await blobs.head('new')).toBeNull();
    expect(await blobs.head('kept')).toMatchObject({ size_bytes: 4 });
    await blobs.put('new', Buffer.alloc(1_000));
  } finally {
    spawnSync('umount', [directory]);
  }
});

test('a directory that cannot be made is named', async () => {
  const file = join(fresh(), 'file');
  writeFileSync(file, '');
  await expect(openDirectoryBlobs(join(file, 'blobs'))).rejects.toMatchObject({ code: 'GC1223' });
});
