/** Browsers draw no element that is much higher: a longer log is scrolled at a scale. */
export const HIGHEST_PX = 8_000_000;

/** How far a list of rows is scrolled, and what of it is in view; the browser's own scrolling is mapped onto it. */
export interface Scroll {
  /** From the top of the whole list, in pixels as if it could be as high as it is. */
  position_px: number;
  height_px: number;
  total_px: number;
}

/** The height of the element that is scrolled. */
export function spacerHeight(scroll: Scroll): number {
  return Math.min(scroll.total_px, Math.max(HIGHEST_PX, scroll.height_px));
}

/** List pixels for each pixel of the browser's scrolling: 1 unless the list is too high. */
export function scaleOf(scroll: Scroll): number {
  const spacer_px = spacerHeight(scroll);
  if (scroll.total_px <= spacer_px) return 1;
  return (scroll.total_px - scroll.height_px) / (spacer_px - scroll.height_px);
}

export function clamp(scroll: Scroll, position_px: number): number {
  return Math.max(0, Math.min(position_px, scroll.total_px - scroll.height_px));
}

/** The rows in view and some beyond both edges. */
export function rowsInView(scroll: Scroll, row_px: number, overscan: number): { first: number; last: number } {
  return {
    first: Math.max(0, Math.floor(scroll.position_px / row_px) - overscan),
    last: Math.min(
      Math.ceil(scroll.total_px / row_px) - 1,
      Math.ceil((scroll.position_px + scroll.height_px) / row_px) + overscan,
    ),
  };
}
