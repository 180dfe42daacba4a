import {
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  type VirtualizerOptions,
  windowScroll,
} from '@tanstack/virtual-core';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { type RowLook, rowHeight, TableRow } from './row.tsx';

/** Rows kept beyond both edges of the window. */
const OVERSCAN = 12;

export interface LongRows<Row> {
  rows: readonly Row[];
  look: RowLook<Row>;
  keyOf(row: Row): string | number;
  /** The last rows come into view. */
  onEnd(): void;
}

/** The rows of a table that may have any number of them, their heights known before they are made: only those near the window exist. */
export function LongRows<Row extends object>(properties: LongRows<Row>): JSX.Element {
  const { rows, look, keyOf } = properties;
  const body = useRef<HTMLTableSectionElement>(null);
  const { shown, before_px, after_px } = useShown(properties, body);
  // A row is made once for its place, and then only moved.
  const made = useMemo(() => new WeakMap<Row, { index: number; element: JSX.Element }>(), [look]);
  const rowAt = (index: number): JSX.Element => {
    const row = rows[index] as Row;
    const known = made.get(row);
    if (known?.index === index) return known.element;
    const element = <TableRow key={keyOf(row)} row={row} look={look} index={index} />;
    made.set(row, { index, element });
    return element;
  };
  const columns = look.columns.length;
  return (
    <tbody ref={body} role={look.cards ? 'rowgroup' : undefined}>
      <Gap key="before" height_px={before_px} columns={columns} />
      {shown.map(rowAt)}
      <Gap key="after" height_px={after_px} columns={columns} />
    </tbody>
  );
}

/** Indexes of the rows near the window, and the height of all before and after them. */
function useShown<Row>(
  { rows, look, keyOf, onEnd }: LongRows<Row>,
  body: { current: HTMLTableSectionElement | null },
): { shown: number[]; before_px: number; after_px: number } {
  const [above_px, setAbove] = useState(0);
  const [, render] = useReducer((count: number, _: undefined) => count + 1, 0);
  // One function for as long as the rows are the same: with another one all of them are measured again.
  const getItemKey = useMemo(() => (index: number) => keyOf(rows[index] as Row), [rows]);
  const options: VirtualizerOptions<Window, Element> = {
    count: rows.length,
    getScrollElement: () => window,
    estimateSize: (index) => rowHeight(look, rows[index] as Row),
    getItemKey,
    overscan: OVERSCAN,
    scrollMargin: above_px,
    initialRect: { width: innerWidth, height: innerHeight },
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    onChange: () => render(undefined),
  };
  const kept = useRef<Virtualizer<Window, Element> | null>(null);
  kept.current ??= new Virtualizer<Window, Element>(options);
  const virtualizer = kept.current;
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => virtualizer._willUpdate());
  useLayoutEffect(() => {
    if (body.current !== null) setAbove(Math.round(body.current.getBoundingClientRect().top + scrollY));
  }, [rows, look]);
  useLayoutEffect(() => virtualizer.measure(), [look]);
  const items = virtualizer.getVirtualItems();
  const [first, last] = [items[0], items.at(-1)];
  const last_index = last?.index ?? -1;
  useEffect(() => {
    if (last_index >= rows.length - OVERSCAN) onEnd();
  }, [last_index, rows]);
  return {
    shown: items.map(({ index }) => index),
    before_px: first === undefined ? 0 : first.start - above_px,
    after_px: last === undefined ? 0 : virtualizer.getTotalSize() - (last.end - above_px),
  };
}

function Gap(properties: { height_px: number; columns: number }): JSX.Element | null {
  if (properties.height_px <= 0) return null;
  return (
    <tr class="gap">
      <td colSpan={properties.columns} style={{ height: `${properties.height_px}px` }} />
    </tr>
  );
}
