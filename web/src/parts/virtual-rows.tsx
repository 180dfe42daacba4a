import {
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  type VirtualizerOptions,
  windowScroll,
} from '@tanstack/virtual-core';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks';

/** Rows kept beyond both edges of the window. */
const OVERSCAN = 12;

/** The body of a table that may have any number of rows: only those near the window exist. */
export function VirtualRows<Item>(properties: {
  items: readonly Item[];
  row_height_px: number;
  columns: number;
  keyOf(item: Item): string | number;
  row(item: Item): JSX.Element;
  /** The last rows come into view. */
  onEnd?(): void;
}): JSX.Element {
  const { items, row_height_px, columns, keyOf } = properties;
  const body = useRef<HTMLTableSectionElement>(null);
  const [, render] = useReducer((count: number, _: undefined) => count + 1, 0);
  const options: VirtualizerOptions<Window, Element> = {
    count: items.length,
    getScrollElement: () => window,
    estimateSize: () => row_height_px,
    getItemKey: (index) => keyOf(items[index] as Item),
    overscan: OVERSCAN,
    scrollMargin: body.current === null ? 0 : body.current.getBoundingClientRect().top + scrollY,
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
  const shown = virtualizer.getVirtualItems();
  const first = shown[0];
  const last = shown.at(-1);
  const margin = virtualizer.options.scrollMargin;
  const last_index = last?.index ?? -1;
  useEffect(() => {
    if (last_index >= items.length - OVERSCAN) properties.onEnd?.();
  }, [last_index, items.length]);
  return (
    <tbody ref={body}>
      <Gap height_px={first === undefined ? 0 : first.start - margin} columns={columns} />
      {shown.map(({ index }) => properties.row(items[index] as Item))}
      <Gap height_px={last === undefined ? 0 : virtualizer.getTotalSize() - (last.end - margin)} columns={columns} />
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
