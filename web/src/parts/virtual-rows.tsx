import {
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  type VirtualizerOptions,
  windowScroll,
} from '@tanstack/virtual-core';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';

/** Rows kept beyond both edges of the window. */
const OVERSCAN = 12;
const ROW_PX = 31;

interface Column {
  name: string;
  /** Fixed, so that nothing moves when other rows come into view; the one without takes what is left. */
  width_px: number | null;
  number?: boolean;
}

/** A table that may have any number of rows, all of one height: only those near the window exist. */
export function VirtualTable<Item extends object>(properties: {
  columns: readonly Column[];
  items: readonly Item[];
  keyOf(item: Item): string | number;
  /** Must depend on the item alone, and on signals: a row is made once for each item. */
  row(item: Item): JSX.Element;
  /** The last rows come into view. */
  onEnd(): void;
}): JSX.Element {
  const { columns, items } = properties;
  const rows = useRef(new WeakMap<Item, JSX.Element>());
  const row = (item: Item): JSX.Element => {
    const known = rows.current.get(item) ?? properties.row(item);
    rows.current.set(item, known);
    return known;
  };
  return (
    <div class="wide">
      <table aria-rowcount={items.length} class="one-line">
        <colgroup>
          {columns.map(({ name, width_px }) => (
            <col key={name} style={width_px === null ? {} : { width: `${width_px}px` }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map(({ name, number }) => (
              <th key={name} scope="col" class={number ? 'number' : ''}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <Rows {...properties} row={row} columns={columns.length} />
      </table>
    </div>
  );
}

function Rows<Item extends object>(properties: {
  columns: number;
  items: readonly Item[];
  keyOf(item: Item): string | number;
  row(item: Item): JSX.Element;
  onEnd(): void;
}): JSX.Element {
  const { items, columns, keyOf } = properties;
  const body = useRef<HTMLTableSectionElement>(null);
  const [above_px, setAbove] = useState(0);
  const [, render] = useReducer((count: number, _: undefined) => count + 1, 0);
  const options: VirtualizerOptions<Window, Element> = {
    count: items.length,
    getScrollElement: () => window,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => keyOf(items[index] as Item),
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
  }, [items]);
  const shown = virtualizer.getVirtualItems();
  const first = shown[0];
  const last = shown.at(-1);
  const last_index = last?.index ?? -1;
  useEffect(() => {
    if (last_index >= items.length - OVERSCAN) properties.onEnd();
  }, [last_index, items]);
  const after_px = last === undefined ? 0 : virtualizer.getTotalSize() - (last.end - above_px);
  return (
    <tbody ref={body}>
      <Gap key="before" height_px={first === undefined ? 0 : first.start - above_px} columns={columns} />
      {shown.map(({ index }) => properties.row(items[index] as Item))}
      <Gap key="after" height_px={after_px} columns={columns} />
    </tbody>
  );
}

function Gap(properties: { height_px: number; columns: number }): JSX.Element | null {
  if (properties.height_px <= 0) return null;
  return (
    <tr class="gap">
      <td colSpan={properties.columns} style={{ height: `${properties.height_px}px` }} />
    </tr>
  );
}
