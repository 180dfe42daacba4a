import type { RefObject } from 'preact';
import { useCallback, useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import { clamp, type Scroll, scaleOf, spacerHeight } from './viewport.ts';

/** Closer to the end than this is at the end. */
const END_PX = 8;

export interface ScrollHandle extends Scroll {
  element: RefObject<HTMLDivElement | null>;
  /** To be added to a row's place in the list, for its place in the element that is scrolled. */
  offset_px: number;
  to(position_px: number): void;
  atEnd(): boolean;
  /** For the element's scroll event. */
  onScroll(): void;
}

/**
 * Scrolling of a list of any height: the browser's own, and beyond what browsers can do at a scale. `onHand` is told
 * when a person scrolled.
 */
export function useScroll(total_px: number, onHand: () => void): ScrollHandle {
  const element = useRef<HTMLDivElement>(null);
  const state = useRef({ position_px: 0, height_px: 0, set_px: 0 });
  const [, render] = useReducer((count: number, _: undefined) => count + 1, 0);
  const now = (): Scroll => ({ ...state.current, total_px });
  const latest = useRef(now);
  latest.current = now;
  const hand = useRef(onHand);
  hand.current = onHand;
  const to = useCallback((position_px: number): void => {
    const scroll = latest.current();
    state.current.position_px = clamp(scroll, position_px);
    const target = element.current;
    if (target !== null) {
      target.scrollTop = state.current.position_px / scaleOf(scroll);
      state.current.set_px = target.scrollTop;
    }
    render(undefined);
  }, []);
  useLayoutEffect(() => {
    const target = element.current as HTMLDivElement;
    const observer = new ResizeObserver(() => {
      state.current.height_px = target.clientHeight;
      render(undefined);
    });
    observer.observe(target);
    state.current.height_px = target.clientHeight;
    render(undefined);
    const stopScaled = listenScaled(
      target,
      () => latest.current(),
      (position_px) => {
        to(position_px);
        hand.current();
      },
    );
    return () => {
      observer.disconnect();
      stopScaled();
    };
  }, []);
  const scroll = now();
  return {
    ...scroll,
    element,
    offset_px: scaleOf(scroll) === 1 ? 0 : (element.current?.scrollTop ?? 0) - scroll.position_px,
    to,
    atEnd: () => state.current.position_px >= total_px - state.current.height_px - END_PX,
    onScroll() {
      const target = element.current;
      if (target === null || Math.abs(target.scrollTop - state.current.set_px) < 1) return;
      const present = latest.current();
      state.current.set_px = target.scrollTop;
      state.current.position_px = clamp(present, target.scrollTop * scaleOf(present));
      render(undefined);
      hand.current();
    },
  };
}

/** At a scale, wheel and keys would skip lines: they move by what they mean instead. */
function listenScaled(target: HTMLElement, scroll: () => Scroll, to: (position_px: number) => void): () => void {
  const isScaled = (): boolean => spacerHeight(scroll()) < scroll().total_px;
  const onWheel = (event: WheelEvent): void => {
    if (!isScaled() || event.ctrlKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
    event.preventDefault();
    const unit_px = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 40;
    to(scroll().position_px + event.deltaY * unit_px);
  };
  const onKey = (event: KeyboardEvent): void => {
    const { height_px, position_px } = scroll();
    const steps: Record<string, number> = {
      ArrowDown: 40,
      ArrowUp: -40,
      PageDown: height_px * 0.9,
      PageUp: -height_px * 0.9,
    };
    const step_px = steps[event.key];
    if (step_px === undefined || !isScaled()) return;
    event.preventDefault();
    to(position_px + step_px);
  };
  target.addEventListener('wheel', onWheel, { passive: false });
  target.addEventListener('keydown', onKey);
  return () => {
    target.removeEventListener('wheel', onWheel);
    target.removeEventListener('keydown', onKey);
  };
}
