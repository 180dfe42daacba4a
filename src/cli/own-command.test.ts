import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownCommand, shownPath } from './own-command.ts';

const scratch = mkdtempSync(join(tmpdir(), 'groundcrew-own-'));
const root = join(scratch, 'checkout');
const inside = join(root, 'docs');
const example = join(root, 'examples');
const elsewhere = join(scratch, 'else where');

beforeAll(() => {
  for (const directory of [root, inside, example, elsewhere]) mkdirSync(directory, { recursive: true });
  for (const directory of [root, example]) writeFileSync(join(directory, 'package.json'), '{}');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const shell = (directory: string, data: string): string => ownCommand(['node', 'shell', 'n-1'], directory, data, root);

test('npx where it takes this package, the path of the program where it would not', () => {
  expect(shell(root, join(root, '.groundcrew'))).toBe('npx groundcrew node shell n-1');
  expect(shell(inside, join(inside, '.groundcrew'))).toBe('npx groundcrew node shell n-1');
  for (const directory of [example, elsewhere, scratch]) {
    expect(shell(directory, join(directory, '.groundcrew'))).toBe(`${root}/bin/groundcrew.mjs node shell n-1`);
  }
});

test('data that would not be found are named', () => {
  expect(shell(root, join(root, 'data'))).toBe('npx groundcrew --data data node shell n-1');
  expect(shell(root, join(inside, '.groundcrew'))).toBe('npx groundcrew --data docs/.groundcrew node shell n-1');
  expect(shell(root, elsewhere)).toBe(`npx groundcrew --data '${elsewhere}' node shell n-1`);
});

test('a path outside is shown whole', () => {
  expect(shownPath(join(root, 'a', 'b'), root)).toBe('a/b');
  expect(shownPath(join(root, '..a'), root)).toBe('..a');
  for (const path of [root, scratch, elsewhere]) expect(shownPath(path, root)).toBe(path);
});
