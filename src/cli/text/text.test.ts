import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLog } from '../../base/log.ts';
import { Collected } from '../testing/run-command.ts';
import { logLine } from './log-lines.ts';
import { LogWriter } from './log-writer.ts';
import { createPaint } from './paint.ts';
import { plainText } from './plain.ts';
import { progressText } from './progress.ts';
import { type Column, layTable, tableLines } from './table.ts';
import { coarse, leftUntil, severalDays, timeOfDay } from './time.ts';
import { cutTo, padTo, widthOf, wrap } from './width.ts';

const plain = createPaint(false);

describe('widths', () => {
  test('are those of a terminal', () => {
    expect(['abc', 'äöü', '日本', '✓ ok', '👩‍🚀', 'e\u0301', '\u001b[31mred\u001b[0m'].map(widthOf)).toEqual([
      3, 3, 4, 4, 2, 1, 3,
    ]);
  });

  test('a cut text fits, and keeps both ends when cut in its middle', () => {
    expect(cutTo('acme/widget@9d8e7f6', 12, 'middle')).toBe('acme/w…8e7f6');
    expect(cutTo('acme/widget@9d8e7f6', 12)).toBe('acme/widget…');
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 0, max: 30 }),
        fc.boolean(),
        (text, width, end) => {
          const cut = cutTo(plainText(text), width, end ? 'end' : 'middle');
          expect(widthOf(cut)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  test('wrapped text keeps its words and its indent', () => {
    expect(wrap('  16:20:11 ready  one two three', 20, '    ')).toEqual(['  16:20:11 ready', '    one two three']);
    expect(wrap('as it is', null)).toEqual(['as it is']);
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1 }), (words) => {
        const lines = wrap(words.join(' '), 20, '  ');
        expect(lines.flatMap((line) => line.trim().split(' '))).toEqual(words);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(20);
      }),
    );
  });

  test('padding counts columns, not characters', () => {
    expect(padTo('日本', 6)).toBe('日本  ');
    expect(padTo('7', 3, true)).toBe('  7');
  });
});

describe('tables', () => {
  const columns: readonly Column[] = [
    { title: 'Run', right: true },
    { title: 'build', least: 10, cut: 'middle' },
    { title: 'job', least: 4, optional: true },
    { title: 'tests', least: 6 },
  ];
  const rows = [
    ['977', 'acme/widget@9d8e7f6', 'integration', '40 passed  1 failed'],
    ['8', 'acme/widget@1', 'unit', '2 passed'],
  ];

  test('are whole in a pipe', () => {
    expect(tableLines(columns, rows, null, plain)).toEqual([
      'Run  build                job          tests',
      '977  acme/widget@9d8e7f6  integration  40 passed  1 failed',
      '  8  acme/widget@1        unit         2 passed',
    ]);
  });

  test('are cut on a terminal, the widest column first', () => {
    expect(tableLines(columns, rows, 50, plain)).toEqual([
      'Run  build            job          tests',
      '977  acme/wi…9d8e7f6  integration  40 passed  1 f…',
      '  8  acme/widget@1    unit         2 passed',
    ]);
  });

  test('lose an optional column when cutting is not enough', () => {
    const { lines, left_out } = layTable(columns, rows, 28, plain);
    expect(lines[0]).toBe('Run  build       tests');
    expect(left_out).toEqual(['job']);
    expect(layTable(columns, rows, 50, plain).left_out).toEqual([]);
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(28);
  });

  test('cut what is dear only when nothing else can be cut or left out', () => {
    const matrix = [
      { title: 'build', least: 8, cut: 'middle' },
      { title: 'job', least: 8, cut: 'middle', dear: true },
      { title: 'age', optional: true },
    ] as const;
    const runs = ['large', 'small'].map((size) => ['acme/widget@9d8e7f6', `test (${size}, x86_64)`, '5 s']);
    expect(tableLines(matrix, runs, 37, plain)).toEqual([
      'build       job                   age',
      'acme/…e7f6  test (large, x86_64)  5 s',
      'acme/…e7f6  test (small, x86_64)  5 s',
    ]);
    expect(tableLines(matrix, runs, 30, plain)[1]).toBe('acme…7f6  test (large, x86_64)');
    expect(tableLines(matrix, runs, 20, plain)[1]).toBe('acme…7f6  test …_64)');
  });

  test('never wrap, whatever is in them', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }),
        fc.integer({ min: 30, max: 120 }),
        (cells, width) => {
          const titles = ['a', 'b', 'c'].map((title) => ({ title, least: 4 }));
          for (const line of tableLines(titles, cells, width, plain)) {
            expect(widthOf(line)).toBeLessThanOrEqual(width);
            expect(line).not.toContain('\n');
            expect(line).not.toContain('\u001b');
          }
        },
      ),
    );
  });

  test('colours do not move columns', () => {
    const red = (text: string): string => `\u001b[31m${text}\u001b[0m`;
    const [, line] = tableLines([{ title: 'a' }, { title: 'b' }], [[{ text: 'x', paint: red }, 'y']], 20, plain);
    expect(line).toBe('\u001b[31mx\u001b[0m  y');
  });
});

test('a text from a machine cannot steer the terminal', () => {
  expect(plainText('a\u001b]0;title\u0007b\r\nc\u202e \u009b2Jd')).toBe('ab c d');
});

describe('logs', () => {
  const written = async (parts: readonly Uint8Array[], columns?: number, coloured = true): Promise<Buffer> => {
    const out = new Collected(columns);
    const writer = new LogWriter(out, coloured);
    for (const part of parts) await writer.write(part);
    await writer.end();
    return out.bytes;
  };
  const log = Buffer.from(
    'é\u001b[31mred\u001b[0m\r\n\u001b]52;c;cGFzc3dk\u0007x\u001b]0;t\u001b\\y\u001b[2J\u001b[1;1Hz\u0007\u001b(Bw\u001b[38;5;1mend',
  );

  test('are byte for byte in a pipe', async () => {
    const bytes = Buffer.from([0, 255, 27, 91, 50, 74, 10]);
    expect(await written([bytes])).toEqual(bytes);
  });

  test('keep only text and colours on a terminal, and end their line and their colour', async () => {
    expect((await written([log], 80)).toString()).toBe('é\u001b[31mred\u001b[0m\r\nxyzw\u001b[38;5;1mend\u001b[0m\n');
    expect((await written([log], 80, false)).toString()).toBe('éred\r\nxyzwend\n');
  });

  test('come out the same wherever they are split', async () => {
    const whole = (await written([log], 80)).toString();
    for (let at = 0; at <= log.length; at++) {
      expect((await written([log.subarray(0, at), log.subarray(at)], 80)).toString()).toBe(whole);
    }
    expect(
      (
        await written(
          [...log].map((byte) => Buffer.from([byte])),
          80,
        )
      ).toString(),
    ).toBe(whole);
  });

  test('a sequence that never ends is not waited for', async () => {
    const endless = Buffer.from(`a\u001b]0;${'t'.repeat(9000)}\nb\n`);
    expect((await written([endless], 80)).toString()).toMatch(/^a/);
  });
});

test('times in one unit', () => {
  expect([0, 999, 59_999, 60_000, 119_999, 7_200_000, 90_000_000, 200_000_000].map(coarse)).toEqual([
    ...['0 s', '0 s', '59 s', '1 min', '1 min', '2 h', '25 h', '2 d'],
  ]);
  const clock = { now_ms: () => Date.parse('2026-11-20T12:00:00Z') } as Parameters<typeof leftUntil>[1];
  expect(leftUntil('2026-11-20T19:59:59.500Z', clock)).toBe('8 h');
  expect(leftUntil('2026-11-20T11:00:00Z', clock)).toBe('0 s');
  expect(severalDays(['2026-11-20T23:59:59Z', '2026-11-21T00:00:00Z'])).toBe(true);
  expect(timeOfDay('2026-11-20T23:59:59.123Z', true)).toBe('11-20 23:59:59');
});

test('progress says how far it is', () => {
  expect(progressText('import', 5 * 2 ** 20, 10 * 2 ** 20)).toBe(
    'import  ████████████░░░░░░░░░░░░  5.0 MiB of 10.0 MiB',
  );
  expect(progressText('export', 2048, null)).toBe('export  2.0 KiB');
});

describe('lines of the server’s log on a terminal', () => {
  const lines: string[] = [];
  const log = createLog('debug', { write: (line) => void lines.push(logLine(line, plain)) });

  test('are short, keep secrets secret, and cannot steer the terminal', () => {
    log.info({ run: 7, again: null, build: 'x'.repeat(90) }, 'run finished');
    log.child({ provider: 'here' }).warn({ err: new Error('it\u001b[2J is gone'), token: 'geheim' }, 'a look failed');
    log.error({ a: 1, b: 'two words', c: [3], d: true, e: 5 }, 'many');
    log.debug({}, 'nothing more');
    expect(lines.map((line) => line.replace(/^\d\d:\d\d:\d\d /, 'TIME '))).toEqual([
      `TIME · run finished  run=7 build=${'x'.repeat(59)}…`,
      'TIME ! a look failed  provider=here err=it is gone token=[Redacted]',
      'TIME ✗ many  a=1 b=two words c=[3] d=true …',
      'TIME · nothing more',
    ]);
    expect(logLine('no JSON\u0007 at all', plain)).toBe('no JSON at all');
  });
});
