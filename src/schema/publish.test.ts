import fc from 'fast-check';
import { Check } from 'typebox/schema';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../config/load.ts';
import { fileSectionOf } from '../config/schema.ts';
import { BROKEN_CONFIGS } from '../config/testing/broken.ts';
import { DRIVERS } from '../providers/all.ts';
import { publishDocument } from './publish.ts';

const published = publishDocument(fileSectionOf(DRIVERS), 'Groundcrew configuration');
const good = {
  labels: { jammy: { ready: 1, max_ready_age: '8h' }, noble: null },
  providers: {
    here: {
      driver: 'local',
      isolation: 'auto',
      limits: { nodes: 3, memory: '2GiB' },
      mounts: ['/opt', { source: '/a', target: '/b' }],
      nodes: [{ labels: ['jammy'], limits: { cores: 0.5 }, env: { A: 1, B: true } }, { labels: 'noble' }],
    },
  },
  holds: [{ on: 'failure', project: 'a/*', for: '8h', at_most: 3 }],
  preflight: [{ name: 'git', run: 'true', timeout: '5s', tries: 2 }],
  server: { port: 1, data: 'x' },
  blobs: { directory: '/srv' },
};

/** Every place in a value, as a way to it. */
function placesOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, child]) => placesOf(child, [...path, key]))];
}

function replaceAt(value: unknown, path: readonly string[], replacement: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return replacement;
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  (copy as Record<string, unknown>)[key] = replaceAt((value as Record<string, unknown>)[key], rest, replacement);
  return copy;
}

function accepts(value: unknown): boolean {
  return readConfig(JSON.stringify(value), 'groundcrew.yaml', {}, DRIVERS).config !== null;
}

describe('the schema for editors', () => {
  test('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(published))).toEqual(published);
    expect(JSON.stringify(published)).not.toContain('x-');
  });

  test('takes what is valid', () => {
    expect(accepts(good)).toBe(true);
    expect(Check(published, good)).toBe(true);
  });

  // What only a look at more than one value can know, or at the text itself, is no matter of the schema.
  const beyond =
    /twice|two node types|variable|closed|secret|both kinds|tab|alias|tag|anchor|reference|include|circle|document|two files|too short|environment|no space|too little/;

  test.each(BROKEN_CONFIGS.filter(({ name }) => !beyond.test(name)))('refuses $name', ({ text }) => {
    expect(Check(published, parse(text))).toBe(false);
  });

  test('takes everything that we take', () => {
    const odd = fc.oneof(
      fc.constantFrom<unknown>(null, [], {}, '', '5s', '1GiB', '/x', 'jammy', true, 0, 1, 2.5, -1, '${X:-y}', ['a'], {
        a: 1,
      }),
      fc.jsonValue({ maxDepth: 1 }),
    );
    let taken = 0;
    fc.assert(
      fc.property(fc.constantFrom(...placesOf(good)), odd, (path, replacement) => {
        const value = replaceAt(good, path, replacement);
        if (!accepts(value)) return;
        taken += 1;
        expect(Check(published, value)).toBe(true);
      }),
      { numRuns: 800 },
    );
    expect(taken).toBeGreaterThan(20);
  });
});
