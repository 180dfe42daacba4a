import { describe, expect, it } from 'vitest';
import { Spool } from './spool.ts';

describe('a spool', () => {
  it.each([
    ['in memory', 10],
    ['in a file', 60],
  ])('%s keeps what it was given when the caller uses the memory again', (_, times) => {
    const spool = new Spool();
    const memory = Buffer.alloc(50_000);
    const extents = Array.from({ length: times }, (_, index) => spool.append(memory.fill(index + 1)));
    const target = Buffer.alloc(60_000);
    for (const [index, extent] of extents.entries()) {
      expect(spool.read(extent).equals(Buffer.alloc(50_000, index + 1))).toBe(true);
      expect(spool.read(extent, target).equals(Buffer.alloc(50_000, index + 1))).toBe(true);
    }
    spool.close();
  });
});
