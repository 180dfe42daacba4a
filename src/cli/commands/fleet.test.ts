import { expect, test } from 'vitest';
import { problemLine } from './fleet.ts';

test('a problem that holds cause says which command lists them, and no other does, whatever its words', () => {
  const about = { subject: 'rax', provider: 'rax', node_type: null };
  const full = { ...about, code: 'held', text: '1 request waits, and 9 of 9 nodes are in use (5 held)' } as const;
  expect(problemLine(full)).toBe('! rax: 1 request waits, and 9 of 9 nodes are in use (5 held); groundcrew hold list');
  expect(problemLine({ ...full, code: 'provider', text: 'paused: 5 held' })).toBe('! rax: paused: 5 held');
});
