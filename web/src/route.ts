import { computed, signal } from '@preact/signals';

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
  if (options.replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  address.value = to;
  if (!options.replace) scrollTo(0, 0);
}

/** The same page with a part of the query changed; empty values leave it. */
export function withQuery(changes: Record<string, string | null>): string {
  const next = new URLSearchParams(query.value);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === '') next.delete(key);
    else next.set(key, value);
  }
  const text = next.toString();
  return text === '' ? path.value : `${path.value}?${text}`;
}

/** Links of our own pages change the view without loading; everything else is the browser's. */
export function followLinks(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest('a');
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (link.origin !== location.origin || link.hasAttribute('download') || link.target !== '') return;
  if (link.pathname.startsWith('/api/') || link.pathname.startsWith('/enter/')) return;
  event.preventDefault();
  go(link.pathname + link.search);
}

/** `/runs/:id` against the path: its parts, or null. */
export function matchPath(pattern: string, actual: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const given = actual.split('/');
  if (wanted.length !== given.length) return null;
  const parts: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':')) parts[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return parts;
}
