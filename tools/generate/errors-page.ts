import { CATALOGUE, type CatalogueEntry } from '../../src/base/errors/catalogue.ts';
import { escapeCell } from './schema-page.ts';

const AREAS: readonly (readonly [prefix: string, title: string])[] = [
  ['GC10', 'Command line, API and sign-in'],
  ['GC11', 'Configuration'],
  ['GC12', 'Database, queue and object store'],
  ['GC14', 'Providers, nodes, labels and requests'],
  ['GC16', 'Job files, runs, logs and artifacts'],
  ['GC17', 'Results and their formats'],
  ['GC19', 'The agent on a node'],
];

/** `docs/reference/errors.md`. Throws when a code belongs to no area. */
export function errorsPage(): string {
  const entries = Object.entries<CatalogueEntry>(CATALOGUE).sort(([left], [right]) => left.localeCompare(right));
  const homeless = entries.find(([code]) => !AREAS.some(([prefix]) => code.startsWith(prefix)));
  if (homeless !== undefined) throw new Error(`the code ${homeless[0]} belongs to no area of the reference page`);
  return [
    '<!-- Made by `npm run generate` from src/base/errors. Do not edit. -->',
    '# Errors',
    '',
    'Every error has a code that stays the same. The status is the one of the HTTP answer when it ends a request.',
    ...AREAS.flatMap(([prefix, title]) =>
      area(
        title,
        entries.filter(([code]) => code.startsWith(prefix)),
      ),
    ),
    '',
  ].join('\n');
}

function area(title: string, entries: readonly (readonly [string, CatalogueEntry])[]): string[] {
  if (entries.length === 0) return [];
  const rows = entries.map(([code, { status, what, next }]) => {
    return `| <a id="${code.toLowerCase()}"></a>${code} | ${[what, next].map(words).join(' | ')} | ${status} |`;
  });
  return ['', `## ${title}`, '', '| code | what it says | what to do | status |', '|---|---|---|---|', ...rows];
}

/** `{file}` is something that the message fills in; `<` would begin markup. */
function words(text: string): string {
  return escapeCell(text.replaceAll('<', '&lt;').replace(/\{(\w+)\}/g, '*$1*'));
}
