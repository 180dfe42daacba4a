import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { RunDetail } from '../../../src/protocol/api/runs.ts';
import { isTyping } from '../parts/keys.tsx';
import { go, query, withQuery } from '../route.ts';
import { formatLines, formatOpen, type LineRange, openAtFirst, parseLines, parseOpen } from './fold.ts';
import { ROW_PX } from './log-lines.tsx';
import type { LogModel } from './log-model.ts';
import { RowMap, type Section } from './row-map.ts';
import { type ScrollHandle, useScroll } from './use-scroll.ts';

/** Rows above the line at which the log opens. */
const ABOVE = 6;

/** Where in a log the reader is, and what is folded. Lines from 0. */
export interface LogPlace {
  map: RowMap;
  scroll: ScrollHandle;
  /** The lines in the address. */
  pinned: LineRange | null;
  /** The error that was gone to last, -1 for none. */
  current: number;
  follow: boolean;
  setFollow(follow: boolean): void;
  /** Goes to the next (1) or previous (-1) error. */
  goToError(step: 1 | -1): void;
  pin(line: number, extend: boolean): void;
  isOpen(ordinal: number): boolean;
  toggle(ordinal: number): void;
  toggleAll(): void;
}

export function useLogPlace(model: LogModel, detail: RunDetail): LogPlace {
  const { live } = detail.log;
  const pinned = parseLines(query.value.get('line'));
  const target = pinned?.first ?? model.first_error;
  const folds = useFolds(model, detail, target);
  const map = useMemo(
    () => new RowMap(folds.sections, model.lines, (ordinal) => !folds.open.has(ordinal)),
    [folds.sections, model.lines, formatOpen(folds.open)],
  );
  const [follow, setFollow] = useState(live && query.value.get('follow') === '1');
  const [current, setCurrent] = useState(-1);
  const scroll = useScroll(map.rows * ROW_PX, () => setFollow(live && scroll.atEnd()));
  const opened = useOpening(model, map, scroll, { target, live, follow, setFollow });
  const hold = useAnchor(map, scroll, follow && opened);
  const show = (line: number): void => {
    const ordinal = map.sectionOf(line)?.ordinal ?? null;
    if (ordinal !== null && !folds.open.has(ordinal)) folds.set(new Set([...folds.open, ordinal]));
    setFollow(false);
    hold(line, ABOVE * ROW_PX);
    scroll.to((map.rowOf(line) - ABOVE) * ROW_PX);
  };
  const goToError = (step: 1 | -1): void => {
    const inView = map.lineAt(Math.floor(scroll.position_px / ROW_PX) + ABOVE);
    const from = current >= 0 ? current : opened && typeof target === 'number' ? target : inView;
    const next = step > 0 ? model.errors.find((line) => line > from) : model.errors.findLast((line) => line < from);
    if (next === undefined) return;
    setCurrent(next);
    show(next);
  };
  useErrorKeys(goToError);
  return {
    ...{ map, scroll, pinned, current, follow, setFollow, goToError },
    pin(line, extend) {
      const range =
        extend && pinned !== null ? { first: Math.min(pinned.first, line), last: Math.max(pinned.first, line) } : null;
      go(withQuery({ line: formatLines(range ?? { first: line, last: line }) }), { replace: true });
    },
    isOpen: (ordinal) => folds.open.has(ordinal),
    toggle(ordinal) {
      const open = new Set(folds.open);
      if (!open.delete(ordinal)) open.add(ordinal);
      folds.set(open);
    },
    toggleAll() {
      const all = folds.sections.flatMap(({ ordinal }) => (ordinal === null ? [] : [ordinal]));
      folds.set(all.every((ordinal) => folds.open.has(ordinal)) ? new Set() : new Set(all));
    },
  };
}

interface Folds {
  /** None while their places are not known. */
  sections: Section[];
  open: ReadonlySet<number>;
  set(open: ReadonlySet<number>): void;
}

/** The steps as sections, and which are open: as the address says, else as it was when they were first known. */
function useFolds(model: LogModel, detail: RunDetail, target: number | null | undefined): Folds {
  const starts = detail.steps.map((step) => ({ ordinal: step.ordinal, start_line: model.lineFrom(step.log_offset) }));
  const known: Section[] = starts.flatMap(({ ordinal, start_line }) =>
    start_line === null ? [] : [{ ordinal, start_line }],
  );
  // While the log grows, the newest step may have begun beyond what has come.
  const complete = detail.log.live || known.length === starts.length;
  const text = known.map((start) => `${start.ordinal}:${start.start_line}`).join();
  const sections = useMemo(
    () => (complete && target !== undefined ? known : []),
    [complete, text, target === undefined],
  );
  const atFirst = useRef<{ folded: ReadonlySet<number> } | null>(null);
  if (atFirst.current === null && sections.length > 0 && target !== undefined) {
    const open = openAtFirst(sections, { lines: model.lines, live: detail.log.live }, target);
    const folded = sections.flatMap(({ ordinal }) => (ordinal === null || open.has(ordinal) ? [] : [ordinal]));
    atFirst.current = { folded: new Set(folded) };
  }
  const chosen = parseOpen(query.value.get('open'));
  const unfolded = sections.flatMap(({ ordinal }) =>
    ordinal === null || atFirst.current?.folded.has(ordinal) ? [] : [ordinal],
  );
  return {
    sections,
    open: chosen ?? new Set(unfolded),
    set: (open) => go(withQuery({ open: formatOpen(open) }), { replace: true }),
  };
}

interface Opening {
  target: number | null | undefined;
  live: boolean;
  follow: boolean;
  setFollow(follow: boolean): void;
}

/** Goes, once, to where the log opens: a line, or its end while it grows without an error, or its beginning. */
function useOpening(model: LogModel, map: RowMap, scroll: ScrollHandle, opening: Opening): boolean {
  const opened = useRef(false);
  const { target, live, follow, setFollow } = opening;
  const ready = target !== undefined && scroll.height_px > 0 && (target === null || target < model.lines || model.read);
  useLayoutEffect(() => {
    if (opened.current || !ready) return;
    opened.current = true;
    if (follow) return;
    if (target !== null && target !== undefined) scroll.to((map.rowOf(target) - ABOVE) * ROW_PX);
    else if (live) setFollow(true);
  }, [ready]);
  useEffect(() => {
    // A link that pins a line leads to it.
    if (query.peek().has('line')) scroll.element.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return opened.current;
}

/** When rows come or go above, what is in view stays in view; at the end of a growing log, the end does. */
function useAnchor(map: RowMap, scroll: ScrollHandle, follow: boolean): (line: number, above_px: number) => void {
  const anchor = useRef({ line: 0, above_px: 0 });
  const before = useRef(map);
  useLayoutEffect(() => {
    if (follow) {
      scroll.to(scroll.total_px);
    } else if (before.current !== map) {
      scroll.to(map.rowOf(anchor.current.line) * ROW_PX - anchor.current.above_px);
    }
    before.current = map;
  }, [map, follow, scroll.height_px]);
  if (before.current === map) {
    const line = map.lineAt(Math.floor(scroll.position_px / ROW_PX) + ABOVE);
    anchor.current = { line, above_px: map.rowOf(line) * ROW_PX - scroll.position_px };
  }
  return (line, above_px) => {
    anchor.current = { line, above_px };
  };
}

/** `n` and `p` anywhere on the page. */
function useErrorKeys(goToError: (step: 1 | -1) => void): void {
  const latest = useRef(goToError);
  latest.current = goToError;
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      if (isTyping(event)) return;
      if (event.key === 'n') latest.current(1);
      else if (event.key === 'p') latest.current(-1);
    };
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
}
