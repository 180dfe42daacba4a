import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

const KEYS = [
  ['/', 'search'],
  ['j  k', 'next and previous row'],
  ['Enter', 'open the row'],
  ['n  p', 'next and previous error in a log'],
  ['?', 'this help'],
  ['Esc', 'close'],
] as const;

let openHelp: () => void = () => undefined;

/** True where a letter is typed, or belongs to the browser. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as Element | null;
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  return target !== null && target.closest('input, select, textarea, dialog') !== null;
}

/** Keys that work on every page; the answer ends it. Rows are elements with `data-row` and a link. */
export function listenToKeys(): () => void {
  const listener = (event: KeyboardEvent): void => {
    if (isTyping(event)) return;
    if (event.key === '/') {
      event.preventDefault();
      document.querySelector<HTMLInputElement>('#search')?.focus();
    } else if (event.key === '?') openHelp();
    else if (event.key === 'j') move(1);
    else if (event.key === 'k') move(-1);
  };
  document.addEventListener('keydown', listener);
  return () => document.removeEventListener('keydown', listener);
}

/** The focus goes from row to row, so that Enter opens it and a screen reader says it. */
function move(step: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>('main [data-row]')];
  const current = document.activeElement?.closest<HTMLElement>('[data-row]') ?? null;
  const index = current === null ? -1 : rows.indexOf(current);
  const next = current === null ? rows.find(isInView) : rows[Math.min(rows.length - 1, Math.max(0, index + step))];
  next?.querySelector<HTMLElement>('a, button')?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: 'nearest' });
}

function isInView(row: HTMLElement): boolean {
  const { top, bottom } = row.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

/** What the keys do, on `?`. */
export function KeyHelp(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    openHelp = () => dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby="keys-title">
      <h1 id="keys-title">Keys</h1>
      <dl class="facts keys">
        {KEYS.map(([key, meaning]) => (
          <>
            <dt key={key}>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </>
        ))}
      </dl>
      <button type="button" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}
