import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isErrorLine } from '../../../src/protocol/log-errors.ts';
import type { Chunk } from './log-chunks.ts';
import { LogIndex } from './log-index.ts';
import { lineFrom, readLine, SHOWN_BYTES } from './log-text.ts';
import { CHUNK_BYTES, LogScanner } from './scanner.ts';

const encoder = new TextEncoder();

function chunksOf(bytes: Uint8Array): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const piece = bytes.subarray(at, at + CHUNK_BYTES);
    const newlines: number[] = [];
    for (let place = piece.indexOf(0x0a); place !== -1; place = piece.indexOf(0x0a, place + 1)) newlines.push(place);
    chunks.push({ bytes: piece, newlines });
  }
  return chunks;
}

function scanned(bytes: Uint8Array, cuts: readonly number[] = []): LogIndex {
  const scanner = new LogScanner();
  const index = new LogIndex();
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((left, right) => left - right);
  for (let turn = 1; turn < at.length; turn++) {
    scanner.push(bytes.subarray(at[turn - 1], at[turn]));
    index.apply(scanner.progress());
  }
  scanner.end();
  index.apply(scanner.progress());
  return index;
}

/** Lines long enough that a few of them make several chunks. */
const anyLog = fc
  .array(fc.constantFrom('fine', '', 'error: bad', 'grün ✖ ü', '✗ no', 'x'.repeat(90_000), 'é'.repeat(40_000)), {
    maxLength: 14,
  })
  .chain((lines) => fc.boolean().map((ended) => lines.join('\n') + (ended ? '\n' : '')));

describe('a log that is scanned in pieces', () => {
  it('has the same lines, errors and texts however it is cut', () => {
    fc.assert(
      fc.property(anyLog, fc.array(fc.nat(2_000_000), { maxLength: 6 }), (text, cuts) => {
        const bytes = encoder.encode(text);
        const index = scanned(bytes, cuts);
        const chunks = chunksOf(bytes);
        const lines = text.split('\n');
        if (lines.at(-1) === '') lines.pop();
        expect(index.lines).toBe(lines.length);
        expect(index.bytes).toBe(bytes.length);
        expect(index.errors).toEqual([...lines.keys()].filter((line) => isErrorLine(lines[line] as string)));
        for (const [line, wanted] of lines.entries()) {
          const read = readLine(index, bytes.length, (chunk) => chunks[chunk] ?? null, line);
          const long = encoder.encode(wanted).length > SHOWN_BYTES;
          expect(read?.cut).toBe(long);
          if (!long) expect(read?.text).toBe(wanted);
          else expect(wanted.startsWith((read?.text ?? '').slice(0, 1000))).toBe(true);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('knows which line begins at an offset', () => {
    fc.assert(
      fc.property(anyLog, fc.nat(), (text, anywhere) => {
        const bytes = encoder.encode(text);
        const index = scanned(bytes);
        const chunks = chunksOf(bytes);
        const offset = anywhere % (bytes.length + 1);
        const before = bytes.subarray(0, offset).filter((byte) => byte === 0x0a).length;
        const begins = offset === 0 || bytes[offset - 1] === 0x0a;
        expect(lineFrom(index, (chunk) => chunks[chunk] ?? null, offset)).toBe(begins ? before : before + 1);
      }),
      { numRuns: 40 },
    );
  });

  it('tells what is new only once', () => {
    const scanner = new LogScanner();
    scanner.push(encoder.encode('fine\nerror: bad\nmo'));
    expect(scanner.progress()).toMatchObject({ newlines: 2, open: true, errors: [1], counts: [2] });
    scanner.push(encoder.encode('re\n'));
    expect(scanner.progress()).toMatchObject({ newlines: 3, open: false, errors: [], first_chunk: 0, counts: [3] });
  });

  it('is not read while a part is missing', () => {
    const bytes = encoder.encode('a\nb\n');
    expect(readLine(scanned(bytes), bytes.length, () => null, 1)).toBeNull();
    expect(readLine(new LogIndex(), bytes.length, () => null, 1)).toBeNull();
  });
});

describe('around a line that the server told', () => {
  const text = Array.from({ length: 100_000 }, (_, line) => `line ${line} of the log`).join('\n');
  const bytes = encoder.encode(text);
  const chunks = chunksOf(bytes);
  const learn = (index: LogIndex, chunk: number, before: number | null): void =>
    index.learn(chunk, (chunks[chunk] as Chunk).newlines.length, before);
  const beforeChunk = (chunk: number): number =>
    chunks.slice(0, chunk).reduce((sum, each) => sum + each.newlines.length, 0);

  it('lines are found before the scan gets there, and in the chunks beside it', () => {
    const index = new LogIndex();
    const line = beforeChunk(5) + 3;
    expect(index.placeOf(line)).toBeNull();
    expect(index.chunkToward(line, 5)).toBe(5);
    learn(index, 5, beforeChunk(5));
    expect(readLine(index, bytes.length, (chunk) => chunks[chunk] ?? null, line)?.text).toBe(`line ${line} of the log`);
    const left = beforeChunk(4) + 10;
    expect(index.chunkToward(left, 5)).toBe(4);
    learn(index, 4, null);
    const right = beforeChunk(6) + 10;
    expect(index.chunkToward(right, 5)).toBe(6);
    learn(index, 6, null);
    for (const each of [left, right]) {
      expect(readLine(index, bytes.length, (chunk) => chunks[chunk] ?? null, each)?.text).toBe(
        `line ${each} of the log`,
      );
    }
    expect(index.chunkToward(beforeChunk(4) + 10, 5)).toBeNull();
  });

  it('nothing is guessed far away', () => {
    const index = new LogIndex();
    learn(index, 2, beforeChunk(2));
    expect(index.placeOf(90_000)).toBeNull();
    expect(index.before(5)).toBeNull();
  });
});
