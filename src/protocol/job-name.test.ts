import { expect, test } from 'vitest';
import { shownJobName } from './job-name.ts';

test('a job is shown with its environment, unless its own name tells it', () => {
  const shown = (environment: string, job: string) => shownJobName({ environment, job });
  expect(shown('jammy', 'test')).toBe('jammy test');
  expect(shown('jammy', 'test (3.12)')).toBe('jammy test (3.12)');
  expect(shown('ham', 'test (ham)')).toBe('test (ham)');
  expect(shown('ham', 'test (3.12, ham)')).toBe('test (3.12, ham)');
  expect(shown('a, b', 'test (a, b)')).toBe('test (a, b)');
  expect(shown('lint', 'lint')).toBe('lint');
  expect(shown('ham', 'test (hamster)')).toBe('ham test (hamster)');
  expect(shown('est', 'test')).toBe('est test');
});
