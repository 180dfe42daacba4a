import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CardPlace, type ColumnRoom, cardHeight, layoutOf, widthsOf } from './layout.ts';

const COLUMNS: readonly ColumnRoom[] = [
  { key: 'run', width_px: 100, card: 'title' },
  { key: 'bar', width_px: 150, gives_way: 2, card: 'none' },
  { key: 'job', width_px: 200 },
  { key: 'waited', width_px: 120, gives_way: 1 },
  { key: 'ran', width_px: 130, gives_way: 1 },
  { key: 'why', width_px: 300 },
];

describe('the layout of a table', () => {
  it('shows every column that has room', () => {
    const all = { kind: 'table', shown: ['run', 'bar', 'job', 'waited', 'ran', 'why'] };
    expect(layoutOf(COLUMNS, 1000)).toEqual(all);
    expect(layoutOf(COLUMNS.slice(0, 3), 450)).toEqual({ kind: 'table', shown: ['run', 'bar', 'job'] });
  });

  it('lets columns give way in their turn, the last of a turn first, and no more of them than needed', () => {
    const shown = (room_px: number): readonly string[] => layoutOf(COLUMNS, room_px).shown;
    expect(shown(999)).toEqual(['run', 'bar', 'job', 'waited', 'why']);
    expect(shown(870)).toEqual(['run', 'bar', 'job', 'waited', 'why']);
    expect(shown(869)).toEqual(['run', 'bar', 'job', 'why']);
    expect(shown(749)).toEqual(['run', 'job', 'why']);
  });

  it('keeps all columns where those that stay are wider than the room, since the table scrolls then', () => {
    const columns = COLUMNS.map((column) => ({ ...column, width_px: 400 }));
    expect(layoutOf(columns, 700)).toEqual({ kind: 'table', shown: COLUMNS.map(({ key }) => key) });
  });

  it('turns rows into cards where there is little room, with all columns that cards have', () => {
    expect(layoutOf(COLUMNS, 366)).toEqual({ kind: 'cards', shown: ['run', 'job', 'waited', 'ran', 'why'] });
    expect(layoutOf(COLUMNS, 619).kind).toBe('cards');
    expect(layoutOf(COLUMNS, 620).kind).toBe('table');
  });

  it('leaves a table a table, however narrow its room, when all of it fits or its columns are a matrix', () => {
    expect(layoutOf(COLUMNS.slice(0, 2), 250).kind).toBe('table');
    expect(layoutOf(COLUMNS, 600, true)).toEqual({ kind: 'table', shown: ['run', 'job', 'why'] });
    expect(layoutOf(COLUMNS, 366, true)).toMatchObject({ kind: 'table', shown: { length: COLUMNS.length } });
  });

  const room = fc.integer({ min: 0, max: 3000 });
  const columns = fc
    .array(
      fc.record(
        { width_px: fc.integer({ min: 20, max: 400 }), gives_way: fc.integer({ min: 1, max: 5 }) },
        { requiredKeys: ['width_px'] },
      ),
      { maxLength: 14 },
    )
    .map((all): ColumnRoom[] => all.map((one, index) => ({ ...one, key: `c${index}` })));

  it('never shows less in more room, nor more than fits, unless the table scrolls', () => {
    fc.assert(
      fc.property(columns, room, room, (all, one_px, other_px) => {
        const staying_px = all.reduce((sum, column) => sum + (column.gives_way ? 0 : column.width_px), 0);
        const [less_px, more_px] = [Math.min(one_px, other_px), Math.max(one_px, other_px)];
        if (staying_px > less_px) {
          expect(layoutOf(all, less_px, true).shown).toHaveLength(all.length);
          return;
        }
        const [less, more] = [layoutOf(all, less_px, true).shown, layoutOf(all, more_px, true).shown];
        expect(less.filter((key) => !more.includes(key))).toEqual([]);
        const shown = all.filter(({ key }) => more.includes(key));
        const needed_px = shown.reduce((sum, { width_px }) => sum + width_px, 0);
        expect(needed_px).toBeLessThanOrEqual(more_px);
        const gone = all.filter(({ key }) => !more.includes(key)).map(({ gives_way }) => gives_way ?? 0);
        for (const { gives_way } of shown) expect(Math.max(0, ...gone)).toBeLessThanOrEqual(gives_way ?? 9);
      }),
    );
  });
});

it('gives what is left of the room to the columns that grow, by their shares', () => {
  const columns = [
    { key: 'id', width_px: 100 },
    { key: 'labels', width_px: 200, grows: 1 },
    { key: 'why', width_px: 300, grows: 3 },
  ];
  expect(widthsOf(columns, 600)).toEqual([100, 200, 300]);
  expect(widthsOf(columns, 1000)).toEqual([100, 300, 600]);
  expect(widthsOf(columns, 500)).toEqual([100, 200, 300]);
});

describe('the height of a card', () => {
  const height = (...places: (CardPlace | undefined)[]): number =>
    cardHeight(places.map((card, index) => ({ key: `c${index}`, width_px: 1, ...(card ? { card } : {}) })));
  const LINE_PX = 22;
  const none_px = height();

  it('is that of its lines: the first, then shares of lines side by side', () => {
    expect(height('title', 'beside', 'beside') - none_px).toBe(LINE_PX);
    expect(height('title', undefined, 'line') - none_px).toBe(3 * LINE_PX);
    expect(height('third', 'third', 'third', 'half', 'half') - none_px).toBe(2 * LINE_PX);
    expect(height('half', 'line', 'half', 'none') - none_px).toBe(3 * LINE_PX);
    expect(height('half', 'third', 'half', 'two lines') - none_px).toBe(4 * LINE_PX);
  });
});
