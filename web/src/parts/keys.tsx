import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

const KEYS = [
  ['/', 'search'],
  ['j  k', 'next and previous row'],
  ['Enter', 'open the row'],
  ['n  p', 'next and previous error in a log'],
  ['?', 'this help'],
] as const;

let openHelp: () => void = () => undefined;

/** Keys that work on every page; the answer ends it. Rows are elements with `data-row`. */
export function listenToKeys(): () => void {
  const listener = (event: KeyboardEvent): void => {
    const target = event.target as Element | null;
    if (event.ctrlKey || event.metaKey || event.altKey || target?.closest('input, select, textarea, dialog')) return;
    if (event.key === '/') {
      event.preventDefault();
      document.querySelector<HTMLInputElement>('#search')?.focus();
    } else if (event.key === '?') openHelp();
    else if (event.key === 'j') move(1);
    else if (event.key === 'k') move(-1);
    else if (event.key === 'Enter') document.querySelector<HTMLAnchorElement>('tr.chosen a')?.click();
  };
  document.addEventListener('keydown', listener);
  return () => document.removeEventListener('keydown', listener);
}

function move(step: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  const current = rows.findIndex((row) => row.classList.contains('chosen'));
  const next = rows[Math.min(rows.length - 1, Math.max(0, current + step))];
  if (next === undefined) return;
  rows[current]?.classList.remove('chosen');
  next.classList.add('chosen');
  next.scrollIntoView({ block: 'nearest' });
}

/** What the keys do, on `?`. */
export function KeyHelp(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    openHelp = () => dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} aria-label="Keys">
      <h1>Keys</h1>
      <table>
        <tbody>
          {KEYS.map(([key, meaning]) => (
            <tr key={key}>
              <td>
                <kbd>{key}</kbd>
              </td>
              <td>{meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </p>
    </dialog>
  );
}
