import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLines, formatOpen, openAtFirst, parseLines, parseOpen } from './fold.ts';
import { RowMap, type Section } from './row-map.ts';
import { clamp, HIGHEST_PX, rowsInView, scaleOf, spacerHeight } from './viewport.ts';

const anySections = fc
  .tuple(fc.nat(400), fc.array(fc.nat(400), { maxLength: 5 }), fc.array(fc.nat(4)))
  .map(([lines, starts, folded]) => ({
    lines,
    sections: starts
      .map((start) => Math.min(start, lines))
      .sort((left, right) => left - right)
      .map((start_line, ordinal): Section => ({ ordinal, start_line })),
    folded: new Set(folded),
  }));

describe('rows of a log', () => {
  it('show every heading, and every line that is not folded, once and in order', () => {
    fc.assert(
      fc.property(anySections, ({ lines, sections, folded }) => {
        const map = new RowMap(sections, lines, (ordinal) => folded.has(ordinal));
        const shown: number[] = [];
        const headings: (number | null)[] = [];
        for (let row = 0; row < map.rows; row++) {
          const found = map.at(row);
          if (found?.kind === 'line') shown.push(found.line);
          else headings.push(found?.section.ordinal ?? null);
        }
        const sectionOf = (line: number): number | null =>
          sections.findLast((each) => each.start_line <= line)?.ordinal ?? null;
        const wanted = [...Array(lines).keys()].filter((line) => !folded.has(sectionOf(line) ?? -1));
        expect(shown).toEqual(wanted);
        expect(headings).toEqual(sections.map((section) => section.ordinal));
        for (const line of shown) expect(map.at(map.rowOf(line))).toEqual({ kind: 'line', line });
        expect(map.at(map.rows)).toBeNull();
        expect(map.at(-1)).toBeNull();
      }),
    );
  });

  it('lead from a folded line to its heading', () => {
    const map = new RowMap(
      [
        { ordinal: 0, start_line: 2 },
        { ordinal: 1, start_line: 50 },
      ],
      100,
      (ordinal) => ordinal === 1,
    );
    expect(map.at(map.rowOf(70))).toMatchObject({ kind: 'section', section: { ordinal: 1 }, lines: 50 });
    expect(map.sectionOf(70)?.ordinal).toBe(1);
    expect(map.lineAt(map.rows - 1)).toBe(50);
  });
});

describe('what is open at first', () => {
  const sections = [0, 100, 500].map((start_line, ordinal) => ({ ordinal, start_line }));

  it.each([
    ['the section of the error', { lines: 900, live: false }, 120, [1]],
    ['nothing of a long log without an error', { lines: 900, live: false }, null, []],
    ['all of a short log', { lines: 150, live: false }, null, [0, 1, 2]],
    ['all of a log that grows', { lines: 900, live: true }, null, [0, 1, 2]],
  ])('is %s', (_name, log, target, open) => {
    expect([...openAtFirst(sections, log, target)]).toEqual(open);
  });

  it('is in the address as people count', () => {
    expect(parseLines('120')).toEqual({ first: 119, last: 119 });
    expect(parseLines('L130-L120')).toEqual({ first: 119, last: 129 });
    for (const text of ['', '0', '1-', 'x', '-3', null]) expect(parseLines(text)).toBeNull();
    expect(formatLines({ first: 119, last: 129 })).toBe('120-130');
    expect(parseOpen('0.2')).toEqual(new Set([0, 2]));
    expect(parseOpen('none')).toEqual(new Set());
    expect(parseOpen('a')).toBeNull();
    expect(formatOpen(new Set([2, 0]))).toBe('0.2');
    expect(formatOpen(new Set())).toBe('none');
  });
});

describe('scrolling', () => {
  it('is the browser’s own where it can be that high, and reaches both ends where it cannot', () => {
    const low = { position_px: 0, height_px: 500, total_px: 10_000 };
    expect([spacerHeight(low), scaleOf(low)]).toEqual([10_000, 1]);
    const high = { position_px: 0, height_px: 500, total_px: 190_000_000 };
    expect(spacerHeight(high)).toBe(HIGHEST_PX);
    const end_px = clamp(high, Number.POSITIVE_INFINITY);
    expect(end_px / scaleOf(high)).toBeCloseTo(HIGHEST_PX - 500);
    const { last } = rowsInView({ ...high, position_px: end_px }, 19, 5);
    expect(last).toBe(10_000_000 - 1);
    expect(rowsInView({ ...low, total_px: 100 }, 20, 5)).toEqual({ first: 0, last: 4 });
  });
});
