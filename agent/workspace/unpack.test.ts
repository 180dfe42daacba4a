import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unpack } from './unpack.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'unpack-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const LIMITS = { entries: 1000, bytes: 10_000_000 };
type Entry = Partial<Header> & { name: string; body?: string };

async function archive(entries: Entry[]): Promise<Buffer> {
  const tar = pack();
  for (const { body, ...header } of entries) tar.entry(header as Header & { name: string }, body ?? '');
  tar.finalize();
  const parts: Buffer[] = [];
  for await (const part of tar as unknown as AsyncIterable<Buffer>) parts.push(part);
  return gzipSync(Buffer.concat(parts));
}

const open = (data: Buffer): Readable => Readable.from([data], { objectMode: false });
const target = (): string => join(root, 'work');
const unpackEntries = async (entries: Entry[], limits = LIMITS): Promise<unknown> =>
  unpack(open(await archive(entries)), target(), limits);

test('files, modes, times, directories, links inside, long names', async () => {
  const long = `${'directory/'.repeat(30)}${'n'.repeat(200)}`;
  await unpackEntries([
    { name: './', type: 'directory' },
    { name: './run.sh', mode: 0o755, body: '#!/bin/sh\n' },
    { name: 'closed/', type: 'directory', mode: 0o555 },
    { name: 'closed/in', mode: 0o4640, body: 'in' },
    { name: 'closed/up', type: 'symlink', linkname: '../run.sh' },
    { name: 'same', type: 'link', linkname: 'run.sh' },
    { name: long, body: 'deep' },
    { name: 'ünï', body: 'twice' },
    { name: 'ünï', body: 'later wins' },
  ]);
  expect(statSync(join(target(), 'run.sh')).mode & 0o7777).toBe(0o755);
  expect(statSync(join(target(), 'closed/in')).mode & 0o7777).toBe(0o640);
  expect(statSync(join(target(), 'closed')).mode & 0o777).toBe(0o755);
  expect(readlinkSync(join(target(), 'closed/up'))).toBe('../run.sh');
  expect(statSync(join(target(), 'same')).ino).toBe(statSync(join(target(), 'run.sh')).ino);
  expect(readFileSync(join(target(), long), 'utf8')).toBe('deep');
  expect(readFileSync(join(target(), 'ünï'), 'utf8')).toBe('later wins');
});

const HOSTILE: [string, Entry[], RegExp][] = [
  ['an absolute path', [{ name: '/etc/passwd', body: 'x' }], /entry 1 \("\/etc\/passwd"\): its path is absolute/],
  ['a path that climbs', [{ name: 'a/../../b', body: 'x' }], /leads out/],
  [
    'a link to the outside',
    [{ name: 'l', type: 'symlink', linkname: '/etc' }],
    /links out of the checkout, to "\/etc"/,
  ],
  ['a link that climbs', [{ name: 'a/l', type: 'symlink', linkname: '../../x' }], /links out/],
  [
    'a link that climbs out of another link',
    [
      { name: 'a/b/up', type: 'symlink', linkname: '../..' },
      { name: 'evil', type: 'symlink', linkname: 'a/b/up/..' },
    ],
    /links out/,
  ],
  [
    'a file through a link',
    [
      { name: 'l', type: 'symlink', linkname: 'd' },
      { name: 'l/x', body: 'x' },
    ],
    /goes through "l", which is not a directory/,
  ],
  ['a hard link to the outside', [{ name: 'h', type: 'link', linkname: '../../etc/passwd' }], /leads out/],
  [
    'a hard link to a link',
    [
      { name: 'l', type: 'symlink', linkname: 'x' },
      { name: 'h', type: 'link', linkname: 'l' },
    ],
    /which is no file/,
  ],
  ['a device', [{ name: 'null', type: 'character-device' }], /neither file, directory nor link/],
  ['a pipe', [{ name: 'pipe', type: 'fifo' }], /neither file, directory nor link/],
];

test.each(HOSTILE)('refused: %s', async (_what, entries, message) => {
  writeFileSync(join(root, 'b'), 'untouched');
  await expect(unpackEntries(entries)).rejects.toMatchObject({
    code: 'GC1903',
    message: expect.stringMatching(message),
  });
  expect(readdirSync(root).sort()).toEqual(['b', 'work']);
  expect(readFileSync(join(root, 'b'), 'utf8')).toBe('untouched');
});

test('a file over a link replaces the link, not what it leads to', async () => {
  await unpackEntries([
    { name: 'a', body: 'a' },
    { name: 'l', type: 'symlink', linkname: 'a' },
    { name: 'l', body: 'new' },
  ]);
  expect(readFileSync(join(target(), 'a'), 'utf8')).toBe('a');
  expect(lstatSync(join(target(), 'l')).isFile()).toBe(true);
});

test('bounds: entries, bytes, a bomb of zeros after the end, a huge extended header', async () => {
  const many = Array.from({ length: 12 }, (_, index) => ({ name: `f${index}`, body: 'x' }));
  await expect(unpackEntries(many, { entries: 10, bytes: 1e6 })).rejects.toThrow('more than 10 entries');
  await expect(unpackEntries([{ name: 'f', body: 'x'.repeat(5000) }], { entries: 10, bytes: 4096 })).rejects.toThrow(
    'more than 4.0 KiB',
  );
  const bomb = gzipSync(Buffer.alloc(20_000_000));
  await expect(unpack(open(bomb), target(), { entries: 1, bytes: 1_000_000 })).rejects.toThrow('unpacks to more than');
  const huge = [{ name: 'f', pax: { comment: 'x'.repeat(2 * 2 ** 20) } } as Entry];
  await expect(unpackEntries(huge)).rejects.toThrow('an extended header is longer than 1 MiB');
});

test('damaged and cut archives are refused, never taken as whole', async () => {
  const whole = await archive([{ name: 'f', body: 'x'.repeat(100_000) }]);
  for (const data of [
    whole.subarray(0, whole.length - 20),
    Buffer.from('not gzip at all'),
    gzipSync(Buffer.alloc(1000, 7)),
  ]) {
    await expect(unpack(open(data), target(), LIMITS)).rejects.toMatchObject({ code: 'GC1903' });
  }
});

test('a directory that was there before is emptied first', async () => {
  mkdirSync(target());
  writeFileSync(join(target(), 'old'), '');
  symlinkSync('/etc', join(target(), 'evil'));
  await unpackEntries([{ name: 'evil/x', body: 'x' }]);
  expect(readdirSync(target())).toEqual(['evil']);
  expect(existsSync('/etc/x')).toBe(false);
});

test('what the system tar packs comes out the same', async () => {
  const source = join(root, 'source');
  mkdirSync(join(source, 'deep', 'd'.repeat(90)), { recursive: true });
  writeFileSync(join(source, 'deep', 'd'.repeat(90), 'f'.repeat(90)), 'long');
  writeFileSync(join(source, 'big'), Buffer.alloc(1_000_003, 'abc'));
  symlinkSync('deep', join(source, 'link'));
  for (const format of ['gnu', 'pax', 'ustar']) {
    const data = execFileSync('tar', [`--format=${format}`, '-czf', '-', '-C', source, '.'], { maxBuffer: 1e8 });
    await unpack(open(data), target(), LIMITS);
    expect(execFileSync('diff', ['-r', '--no-dereference', source, target()]).toString()).toBe('');
  }
});

/** Where a path really leads; a link that leads nowhere (dangling, in a circle) leads nowhere outside. */
function realOrInside(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Everything there. Node's own recursive listing follows links: with two to their own directory it never ends. */
function pathsBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? [path, ...pathsBelow(path)] : [path];
  });
}

test('any bytes at all end in an archive or in a refusal, and nothing beside the directory', async () => {
  const names = fc.constantFrom('a', 'a/b', '../x', '/x', 'a/../b', '.', 'l', 'l/x', 'ü', ' ');
  const entry = fc.record({
    name: names,
    type: fc.constantFrom('file', 'directory', 'symlink', 'link') as fc.Arbitrary<Header['type']>,
    linkname: fc.constantFrom('a', '..', '../..', 'l', 'l/..', '/', 'a/b', '.'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 8 }), fc.nat(), async (entries, at) => {
      const data = Buffer.from(await archive(entries as Entry[]));
      if (at % 3 === 0) data[at % data.length] = at % 256;
      await unpack(open(data), target(), LIMITS).catch((error) => expect(error.code).toBe('GC1903'));
      expect(readdirSync(root)).toEqual(['work']);
      // No link of what came out leads out of it.
      for (const path of pathsBelow(target())) {
        expect(`${realOrInside(path)}/`.startsWith(`${target()}/`)).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});
