import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Collection, type CollectRequest, collect, type FoundFile } from './collect.ts';

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'collect-')));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function write(...names: string[]): void {
  for (const name of names) writeFileSync(join(directory, name), name);
}

async function collected(
  change: Partial<CollectRequest>,
  found: (file: FoundFile) => void = () => {},
): Promise<{ paths: string[]; notes: string[]; lost_results: string[]; files: Collection['files'] }> {
  const request = {
    results: [{ path: '*.xml', format: 'junit' as const }],
    artifacts: ['*.txt'],
    count: { result: 10, artifact: 10, together: 20 },
    bytes: 1000,
    ...change,
  };
  const collection = await collect(directory, request, { found, alive: () => {} });
  return { ...collection, paths: collection.files.map((file) => file.path) };
}

test('results beyond the count are lost and said to be, artifacts are only left out', async () => {
  write('1.xml', '2.xml', '3.xml', '1.txt', '2.txt');
  const found = await collected({ count: { result: 2, artifact: 1, together: 20 } });
  expect(found.paths).toEqual(['1.xml', '2.xml', '1.txt']);
  expect(found.lost_results).toEqual(['the result 3.xml was left out: beyond the limit of 2 files']);
  expect(found.notes).toEqual([
    'the result 3.xml was left out: beyond the limit of 2 files',
    'the artifact 2.txt was left out: beyond the limit of 1 files',
  ]);
});

test('both kinds together have a limit too, and results come first', async () => {
  write('1.txt', '2.txt', '1.xml', '2.xml');
  const found = await collected({ count: { result: 10, artifact: 10, together: 3 } });
  expect(found.paths).toEqual(['1.xml', '2.xml', '1.txt']);
  expect(found.lost_results).toEqual([]);
});

test('a result beyond the bytes is lost, and what still fits is taken', async () => {
  write('1.xml', '2.xml', '3.xml');
  truncateSync(join(directory, '2.xml'), 2000);
  const found = await collected({});
  expect(found.paths).toEqual(['1.xml', '3.xml']);
  expect(found.files.map((file) => file.ordinal)).toEqual([0, 1]);
  expect(found.lost_results[0]).toContain('the result 2.xml was left out: its 2.0 KiB are beyond the limit');
});

test('a file that vanishes, or becomes a pipe, while others are read loses only itself', async () => {
  write('1.xml', '2.xml', '3.xml', '1.txt', '2.txt', '3.txt');
  const found = await collected({}, (file) => {
    if (file.path === '1.xml') rmSync(join(directory, '2.xml'));
    if (file.path !== '1.txt') return;
    rmSync(join(directory, '2.txt'));
    execFileSync('mkfifo', [join(directory, '2.txt')]);
  });
  expect(found.paths).toEqual(['1.xml', '3.xml', '1.txt', '3.txt']);
  expect(found.lost_results).toEqual([expect.stringContaining('the result 2.xml was left out: ENOENT')]);
  expect(found.notes).toContain('the artifact 2.txt was left out: it is no file any more');
});

test('of many that are left out a few are named and the rest counted', async () => {
  write(...Array.from({ length: 30 }, (_, index) => `${index}.xml`));
  const found = await collected({ count: { result: 5, artifact: 1, together: 6 } });
  expect(found.lost_results).toHaveLength(21);
  expect(found.lost_results.at(-1)).toBe('5 more result files were left out');
});

test('a directory that a glob names and that cannot be read counts as a lost result, one that it passes does not', async () => {
  // Too many links stand for what cannot be read: also root fails on them.
  symlinkSync('loop', join(directory, 'loop'));
  mkdirSync(join(directory, 'sub'));
  write('sub/1.xml');
  const found = await collected({
    results: [
      { path: 'loop/*.xml', format: 'junit' },
      { path: '**/*.xml', format: 'junit' },
      { path: 'nowhere/*.xml', format: 'junit' },
    ],
  });
  expect(found.paths).toEqual(['sub/1.xml']);
  expect(found.lost_results).toEqual([expect.stringContaining('the result loop/ was left out: ELOOP')]);
  expect(found.notes).toContain('no file matches result "nowhere/*.xml"');
});

test('a result that is a link to a file outside is lost; one that leads nowhere, or to a directory, is no file', async () => {
  const outside = `${directory}-outside`;
  try {
    writeFileSync(outside, 'outside');
    symlinkSync(outside, join(directory, '1.xml'));
    symlinkSync('nowhere', join(directory, '2.xml'));
    symlinkSync('.', join(directory, '3.xml'));
    const found = await collected({});
    expect(found.paths).toEqual([]);
    expect(found.lost_results).toEqual([
      'the result 1.xml was left out: it is a link that leads out of the working directory',
    ]);
  } finally {
    rmSync(outside, { force: true });
  }
});

test('a glob of results beyond its bounds counts as lost, not as nothing found', async () => {
  write('1.xml', '1.txt');
  const path = '{a,b}'.repeat(9);
  const found = await collected({ results: [{ path, format: 'junit' }] });
  expect(found.paths).toEqual(['1.txt']);
  expect(found.lost_results).toEqual([
    `nothing was looked for: the glob stands for more than 256 alternatives ("${path}")`,
  ]);
});
