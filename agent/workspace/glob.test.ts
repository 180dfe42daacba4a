import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileGlob } from './glob.ts';
import { compareNaturally } from './natural-order.ts';

test.each([
  ['*.log', ['a.log'], ['a/b.log', 'a.log2', '.log/x.txt']],
  ['junit.xml', ['junit.xml'], ['a/junit.xml', 'junitxxml']],
  ['coverage/**', ['coverage/a', 'coverage/a/b'], ['coverage', 'a/coverage/b']],
  ['**/*.xml', ['a.xml', 'a/b/c.xml'], ['a.xmlx']],
  ['a/**/b', ['a/b', 'a/x/y/b'], ['a/xb']],
  ['out', ['out', 'out/deep/file'], ['outer']],
  ['./r-?.[jx]ml', ['r-1.xml', 'r-2.jml'], ['r-12.xml', 'r-1.yml', 'r-/.xml']],
  ['[!a].txt', ['b.txt'], ['a.txt', '/.txt']],
  ['{a,b}/{c,d}.x', ['a/c.x', 'b/d.x'], ['a/e.x', '{a,b}/c.x']],
  ['a[b', ['a[b'], ['ab']],
  ['\\*', ['*'], ['a']],
  ['a\\/b', ['a/b', 'a/b/c'], ['a']],
  ['a***b', ['ab', 'axb'], ['a/b']],
  ['**', ['a', 'a/b'], []],
  ['**/a/**/b/*', ['a/b/c', 'x/a/x/b/a/b/c'], ['a/b', 'a/c/d']],
  ['[a-cx-]?', ['b1', 'x1', '-1'], ['d1', 'b']],
  ['[z-a]', [], ['z', 'a', 'm']],
  ['{a,{b,c}d}', ['a', 'bd', 'cd'], ['ad', 'b']],
])('%s', (pattern, yes, no) => {
  const glob = compileGlob(pattern);
  for (const path of yes) expect([path, glob.matches(path)]).toEqual([path, true]);
  for (const path of no) expect([path, glob.matches(path)]).toEqual([path, false]);
});

test('any text is a pattern', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 30 }), fc.string({ maxLength: 30 }), (pattern, path) => {
      expect(typeof compileGlob(pattern).matches(path)).toBe('boolean');
    }),
  );
});

test('what makes an engine of regular expressions go back and forth for years costs nothing here', () => {
  const name = 'a'.repeat(255);
  expect(compileGlob(`${'*a'.repeat(100)}*b`).matches(name)).toBe(false);
  expect(compileGlob(`${'*a'.repeat(100)}*`).matches(name)).toBe(true);
  const deep = `${'a/'.repeat(2000)}c`;
  expect(compileGlob(`${'**/a/'.repeat(200)}b`).matches(deep)).toBe(false);
  expect(compileGlob(`${'**/*a*/'.repeat(140)}c`).matches(deep)).toBe(true);
  expect(compileGlob(`${'**/*a*a*/'.repeat(100)}c`).matches(deep)).toBe(false);
});

test('a glob beyond its bounds is refused, not cut', () => {
  expect(() => compileGlob('x'.repeat(1025))).toThrow('is longer than 1024 characters');
  expect(() => compileGlob('{a,b}'.repeat(9))).toThrow('stands for more than 256 alternatives');
  expect(() => compileGlob('{a,b}'.repeat(200))).toThrow('stands for more than 256 alternatives');
  expect(compileGlob('{a,b}'.repeat(8)).matches('abababab')).toBe(true);
});

test('a pattern without special characters matches itself', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9_-]{1,8}(\/[a-z0-9._-]{1,8}){0,3}$/), (path) => {
      expect(compileGlob(path).matches(path.replace(/\/$/, ''))).toBe(true);
    }),
  );
});

test('names in the order that people expect', () => {
  const names = ['attempt-10.xml', 'attempt-2.xml', 'attempt-1.xml', 'attempt.xml', 'b', 'attempt-02.xml'];
  expect(names.sort(compareNaturally)).toEqual([
    'attempt-1.xml',
    'attempt-02.xml',
    'attempt-2.xml',
    'attempt-10.xml',
    'attempt.xml',
    'b',
  ]);
});

test('the order is total', () => {
  const name = fc.stringMatching(/^[a-b0-2.]{0,6}$/);
  fc.assert(
    fc.property(name, name, name, (one, two, three) => {
      expect(Math.sign(compareNaturally(one, two))).toBe(-Math.sign(compareNaturally(two, one)) + 0);
      expect(compareNaturally(one, two) === 0).toBe(one === two);
      if (compareNaturally(one, two) < 0 && compareNaturally(two, three) < 0)
        expect(compareNaturally(one, three)).toBeLessThan(0);
    }),
  );
});
