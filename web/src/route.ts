import { computed, signal } from '@preact/signals';
import { changedQuery } from './match.ts';

/** The address is the view: path and query hold everything that a page shows. */
const address = signal(location.pathname + location.search);
addEventListener('popstate', () => {
  address.value = location.pathname + location.search;
});

export const path = computed(() => address.value.split('?', 1)[0] ?? '/');
export const query = computed(() => new URLSearchParams(address.value.split('?')[1] ?? ''));

/** Goes to another view; `replace` when the back key should not come back to this one. */
export function go(to: string, options: { replace?: boolean } = {}): void {
  if (to === address.value) return;
  const from = path.value;
  if (options.replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  address.value = to;
  if (path.value !== from) scrollTo(0, 0);
}

/** The same page with a part of the query changed; empty values leave it. */
export function withQuery(changes: Record<string, string | null>): string {
  const text = changedQuery(query.value, changes);
  return text === '' ? path.value : `${path.value}?${text}`;
}

/** Links of our own pages change the view without loading; everything else is the browser's. */
export function followLinks(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest('a');
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (link.origin !== location.origin || link.hasAttribute('download') || link.target !== '') return;
  if (link.pathname.startsWith('/api/') || link.pathname.startsWith('/enter/')) return;
  if (link.hash !== '') return;
  event.preventDefault();
  go(link.pathname + link.search, { replace: link.dataset.replace !== undefined });
}
