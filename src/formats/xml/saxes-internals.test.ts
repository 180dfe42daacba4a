import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import { openXml } from './scanner.ts';

test('the saxes that is installed is the one whose insides are overridden', () => {
  const file = createRequire(import.meta.url).resolve('saxes');
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  // Another one: read what changed in it against saxes-internals.ts, run the test below for longer, then name it here.
  expect(sha256).toBe('d00e2ba27ed7d6ac961d03ff14d6b8c0eb5bf063ed2c996c22c6df06ac121423');
});

const LIMITS = { depth: 100, attributes: 100, attribute_characters: 10_000 } as Parameters<typeof openXml>[1];

type Event = [what: 'open' | 'close' | 'text', ...words: string[]];

/** Texts that follow each other are one, however they were cut. */
function collector(): { events: Event[]; text: (text: string) => void } {
  const events: Event[] = [];
  const text = (more: string): void => {
    const last = events.at(-1);
    if (last?.[0] === 'text') last[1] += more;
    else if (more !== '') events.push(['text', more]);
  };
  return { events, text };
}

function tuned(pieces: readonly string[]): Event[] {
  const { events, text } = collector();
  const reader = openXml(
    {
      open: (name, attributes) =>
        events.push(['open', name, ...attributes.map((each) => `${each.name}=${each.value}`)]),
      close: (name) => events.push(['close', name]),
      text,
    },
    LIMITS,
  );
  for (const piece of pieces) reader.write(piece);
  reader.end();
  return events;
}

function plain(document: string): Event[] {
  const { events, text } = collector();
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) =>
    events.push(['open', name, ...Object.entries(attributes).map(([key, value]) => `${key}=${value}`)]),
  );
  parser.on('closetag', ({ name }) => events.push(['close', name]));
  parser.on('text', text);
  parser.on('cdata', text);
  parser.write(document).close();
  return events;
}

const name = fc.constantFrom('a', 'testcase', 'name', 'x-1', 'ns:b', 'é', 'classname', 'status');
const value = fc.constantFrom('', 'plain', 'a b', 'é', '&lt;&amp;', '&#x41;', "it's", 'two\nlines', '\t', '>', '𝒳');
const attribute = fc.tuple(name, fc.constantFrom('=', ' = ', '=\n'), fc.constantFrom('"', "'"), value);
const space = fc.constantFrom(' ', '  ', '\n ', '\t');
const attributes = fc
  .uniqueArray(fc.tuple(space, attribute), { maxLength: 4, selector: ([, [key]]) => key })
  .map((all) =>
    all
      .map(
        ([gap, [key, equal, quote, text]]) =>
          `${gap}${key}${equal}${quote}${quote === "'" ? text.replaceAll("'", '') : text}${quote}`,
      )
      .join(''),
  );
const text = fc.constantFrom(
  '',
  ' ',
  '\n  ',
  'words',
  'a &amp; b',
  '<![CDATA[<x>&]]>',
  '<!-- no <b> -->',
  '<?pi x?>',
  'é\r\n',
  '𝒳',
);
const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .tuple(
      name,
      attributes,
      fc.constantFrom('', ' '),
      fc.array(fc.oneof({ maxDepth: 3 }, text, tie('element')), { maxLength: 4 }),
      fc.boolean(),
    )
    .map(([tag, words, gap, inside, isEmpty]) =>
      isEmpty ? `<${tag}${words}${gap}/>` : `<${tag}${words}${gap}>${inside.join('')}</${tag}${gap}>`,
    ),
}));

test('any document, cut anywhere, is told as saxes itself tells it', () => {
  fc.assert(
    fc.property(element, fc.array(fc.nat(400), { maxLength: 12 }), (document, cuts) => {
      const places = [0, ...cuts.filter((cut) => cut < document.length).sort((left, right) => left - right)];
      const pieces = places.map((place, index) => document.slice(place, places[index + 1]));
      expect(tuned(pieces)).toEqual(plain(document));
    }),
    { numRuns: 300 },
  );
});
