import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/**
 * The width of a table's frame, whenever it changes. While the table is wider than that, its frame scrolls; else
 * nothing does, so that the head of the table can stay at the top of the window.
 */
export function useRoom(frame: RefObject<HTMLDivElement | null>): number {
  const [room_px, setRoom] = useState(innerWidth);
  useLayoutEffect(() => {
    const around = frame.current;
    const table = around?.querySelector('table');
    if (!around || !table) return;
    const measure = (): void => {
      setRoom(around.clientWidth);
      around.toggleAttribute('data-scrolls', table.offsetWidth > around.clientWidth);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(around);
    observer.observe(table);
    return () => observer.disconnect();
  }, []);
  return room_px;
}
