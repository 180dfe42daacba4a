import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

describe('threads', () => {
  it.each([
    ['parser-thread', 'src/formats/thread-entry.ts', 'src/formats/parser-thread.ts'],
    ['builder-thread', 'src/results/builder-entry.ts', 'src/results/builder-thread.ts'],
  ])('%s is built as a program of the name that the code looks for', (name, entry, user) => {
    const config = JSON.parse(readFileSync(join(ROOT, 'tools/build.config.json'), 'utf8'));
    expect(config.programs).toContainEqual({ name, entry, packages: 'external' });
    expect(existsSync(join(ROOT, entry))).toBe(true);
    expect(readFileSync(join(ROOT, user), 'utf8')).toContain(`'./${name}.js'`);
  });
});
