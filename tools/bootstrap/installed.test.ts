import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { comparePackages, whyInstall } from './installed.mjs';

const WANTED = {
  '': { version: '1.0.0' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/b': { version: '2.0.0', integrity: 'sha512-b', optional: true },
};

describe('comparePackages', () => {
  it('accepts what was locked, and an optional package that is for another platform', () => {
    expect(comparePackages(WANTED, WANTED)).toBeNull();
    expect(comparePackages(WANTED, { 'node_modules/a': WANTED['node_modules/a'] })).toBeNull();
  });

  it('names the first difference', () => {
    const a = WANTED['node_modules/a'];
    expect(comparePackages(WANTED, {})).toBe('node_modules/a is missing');
    expect(comparePackages(WANTED, { 'node_modules/a': { ...a, version: '0.9.0' } })).toBe(
      'node_modules/a is 0.9.0, not 1.0.0',
    );
    expect(comparePackages(WANTED, { 'node_modules/a': { ...a, integrity: 'sha512-x' } })).toBe(
      'node_modules/a is not the locked one',
    );
    expect(comparePackages(WANTED, { ...WANTED, 'node_modules/c': a })).toBe(
      'node_modules/c is not in package-lock.json',
    );
  });
});

describe('whyInstall', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'groundcrew-installed-'));
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: WANTED }));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('sees the whole life of node_modules', () => {
    expect(whyInstall(root)).toBe('the packages are not installed');
    for (const name of ['a', 'b']) {
      mkdirSync(join(root, 'node_modules', name), { recursive: true });
      writeFileSync(join(root, 'node_modules', name, 'package.json'), '{}');
    }
    expect(whyInstall(root)).toBe('the packages are not installed');
    const { '': _, ...present } = WANTED;
    writeFileSync(join(root, 'node_modules/.package-lock.json'), JSON.stringify({ packages: present }));
    expect(whyInstall(root)).toBeNull();
    cpSync(join(root, 'node_modules/a'), join(root, 'node_modules/c'), { recursive: true });
    rmSync(join(root, 'node_modules/b'), { recursive: true });
    expect(whyInstall(root)).toBe('node_modules/b is gone');
  });
});
