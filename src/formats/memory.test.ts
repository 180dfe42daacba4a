import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const CHILD = join(import.meta.dirname, 'testing/feed-child.ts');

/** In a process whose heap is far smaller than the input: it would end with an error instead of an answer. */
function feed(shape: string, megabytes: number): { tests: number; problem: string | null } {
  const options = ['--max-old-space-size=48', CHILD, shape, String(megabytes)];
  return JSON.parse(execFileSync(process.execPath, options, { encoding: 'utf8', timeout: 120_000 }));
}

describe('a heap of 48 MiB is enough', { timeout: 130_000 }, () => {
  it('for 200 MB of tests', () => {
    const { tests, problem } = feed('tests', 200);
    expect(problem).toBeNull();
    expect(tests).toBeGreaterThan(3_000_000);
  });

  it.each(['trace', 'cdata', 'comment', 'instruction', 'outside', 'noise'])('for 64 MB in one %s', (shape) => {
    expect(feed(shape, 64).problem).toBeNull();
  });

  it.each([
    ['attribute', /^the attributes of an element are longer/],
    ['name', /^a name is longer/],
    ['entity', /^a name is longer/],
    ['doctype', /^it has a document type declaration/],
    ['depth', /^elements are nested more than/],
  ])('to refuse an endless %s', (shape, reason) => {
    expect(feed(shape, 1000).problem).toMatch(reason);
  });
});
