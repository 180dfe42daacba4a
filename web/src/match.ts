/** `/runs/:id` against a path: its parts, or null when it is another page or not a well-formed address. */
export function matchPath(pattern: string, actual: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const given = actual.split('/');
  if (wanted.length !== given.length) return null;
  const parts: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = decoded(given[index] ?? '');
    if (value === null) return null;
    if (part.startsWith(':')) parts[part.slice(1)] = value;
    else if (part !== value) return null;
  }
  return parts;
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** A query with some parts changed; null and empty values leave it. */
export function changedQuery(query: URLSearchParams, changes: Readonly<Record<string, string | null>>): string {
  const next = new URLSearchParams(query);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === '') next.delete(key);
    else next.set(key, value);
  }
  return next.toString();
}

/** `/nodes?state=ready`: a path with the parts of a query that are set. */
export function link(path: string, query: Readonly<Record<string, string | number | null | undefined>> = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== '');
  if (pairs.length === 0) return path;
  return `${path}?${new URLSearchParams(pairs.map(([key, value]): [string, string] => [key, String(value)]))}`;
}

/** Where a text of the search box leads: a node, a request or a run by its identifier, else a search among tests. */
export function placeOf(text: string): string {
  if (/^n-[0-9a-z]{8}$/.test(text)) return `/nodes/${text}`;
  if (/^r-\d+$/.test(text)) return `/requests/${text}`;
  if (/^\d+$/.test(text)) return `/runs/${text}`;
  return link('/tests', { text });
}

/** A text as one word for a shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
