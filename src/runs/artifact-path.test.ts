import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isError } from '../base/errors/error.ts';
import { checkArtifactPath } from './artifact-path.ts';

function isRefused(path: string): boolean {
  try {
    checkArtifactPath(path);
    return false;
  } catch (error) {
    if (!isError(error, 'GC1643')) throw error;
    return true;
  }
}

describe('the path of an artifact', () => {
  it('is relative and inside of the working directory', () => {
    for (const path of ['a', 'coverage/index.html', 'ü/日本.log', '...', 'a b', '.hidden'])
      expect(checkArtifactPath(path)).toBe(path);
    for (const path of [
      '',
      '/etc/passwd',
      '../x',
      'a/../b',
      'a/..',
      'a//b',
      'a/',
      './a',
      'a\\b',
      'C:x',
      'a\nb',
      'a\0b',
      '\ud800',
      'x'.repeat(2000),
    ]) {
      expect(isRefused(path), JSON.stringify(path.slice(0, 20))).toBe(true);
    }
  });

  it('never leads out of a directory that it is joined to', () => {
    const part = fc.constantFrom('a', '.', '..', '', '/', 'b.c', '\\', '...');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const path = parts.join('/');
        if (isRefused(path)) return;
        expect(posix.join('/safe', path)).toBe(`/safe/${path}`);
      }),
    );
  });
});
