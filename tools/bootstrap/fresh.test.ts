import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filesBelow, hashOf, isFresh, writeStamp } from './fresh.mjs';

const LATER_MS = 10_000_000_000_000;

describe('isFresh', () => {
  let root: string;
  let stamp: string;
  let output: string;
  const write = (path: string, text: string): void => writeFileSync(join(root, path), text);
  const fresh = (key = 'key'): boolean => isFresh(root, stamp, output, key);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'groundcrew-fresh-'));
    stamp = join(root, 'state', 'stamp.json');
    output = join(root, 'output.js');
    write('a.ts', 'a');
    write('b.ts', 'b');
    write('output.js', 'ab');
    writeStamp(root, stamp, 'key', ['a.ts', 'b.ts'], LATER_MS);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('is fresh after a build, and stale when an input changed or went', () => {
    expect(fresh()).toBe(true);
    write('b.ts', 'c');
    utimesSync(join(root, 'b.ts'), 1, 1);
    expect(fresh()).toBe(false);
    write('b.ts', 'b');
    expect(fresh()).toBe(true);
    rmSync(join(root, 'a.ts'));
    expect(fresh()).toBe(false);
  });

  it('is stale without its output, without its stamp, with a broken stamp and under another key', () => {
    expect(fresh('other')).toBe(false);
    writeFileSync(stamp, '{"key"');
    expect(fresh()).toBe(false);
    rmSync(stamp);
    expect(fresh()).toBe(false);
    writeStamp(root, stamp, 'key', ['a.ts'], LATER_MS);
    rmSync(output);
    expect(fresh()).toBe(false);
  });

  it('leaves no stamp when an input changed during the build', () => {
    writeStamp(root, stamp, 'key', ['a.ts'], statSync(join(root, 'a.ts')).mtimeMs);
    expect(fresh()).toBe(false);
  });

  it('lists files below directories, without tests and packages', () => {
    mkdirSync(join(root, 'web/node_modules/x'), { recursive: true });
    for (const path of ['web/a.ts', 'web/a.test.ts', 'web/node_modules/x/x.js']) write(path, '');
    expect(filesBelow(root, ['web', 'a.ts', 'missing'])).toEqual(['a.ts', 'web/a.ts']);
  });

  it('does not mix up where one text ends', () => {
    expect(hashOf('ab', 'c')).not.toBe(hashOf('a', 'bc'));
  });
});
