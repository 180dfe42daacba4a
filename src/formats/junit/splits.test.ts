import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePieces, parseText } from '../testing/parse-text.ts';

const DOCUMENT = Buffer.from(`\ufeff<?xml version="1.0" encoding="UTF-8"?>\r
<!-- made by hand - > is not its end -->
<testsuites name='all "of" them'>\r
 <testsuite name="größe/日本語 😀" time="0.5">
  <testcase name="a &lt;b&gt; &amp;amp; &#x1F600; &#10; \t tab" classname='single "quoted"' time = "0.25" file="a.js" line="3"/>
  <testcase name="fails" classname="größe/日本語 😀"><failure message="1 &gt; 2" type="x">trace ]] &#65;\r\nline 2 <![CDATA[<raw> ]] &amp; 😀]]> tail
   at a (parser.test.js:41:7)</failure><system-out><![CDATA[ ]]]]><![CDATA[> ]]></system-out></testcase>
  <testcase name="skips"><skipped message="später"/></testcase>
  <?php echo "?>" ?>
  <testcase name="bad &nosuch; &#0; entity"><error/></testcase>
 </testsuite>
</testsuites>
`);

/** Cuts the bytes at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

describe('any split of the bytes', () => {
  const whole = parseText(DOCUMENT);

  it('reads the document at all', () => {
    expect(whole.problem).toBeNull();
    expect(whole.all.map((test) => test.name)).toEqual([
      'a <b> &amp; 😀 \n   tab',
      'fails',
      'skips',
      'bad &nosuch; &#0; entity',
    ]);
    expect(whole.all[1]?.trace).toBe('trace ]] A\nline 2 <raw> ]] &amp; 😀 tail\n   at a (parser.test.js:41:7)');
  });

  it('gives the same tests one byte at a time, and at every single cut', () => {
    expect(parsePieces(Array.from(DOCUMENT, (byte) => Uint8Array.of(byte)))).toEqual(whole);
    for (let place = 0; place <= DOCUMENT.length; place++) expect(parsePieces(cut(DOCUMENT, [place]))).toEqual(whole);
  });

  it('gives the same tests at any cuts', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (places) => {
        expect(parsePieces(cut(DOCUMENT, places))).toEqual(whole);
      }),
    );
  });

  it('never throws, hangs or loses what came before, whatever one byte becomes', () => {
    fc.assert(
      fc.property(
        fc.nat(DOCUMENT.length - 1),
        fc.nat(255),
        fc.array(fc.nat(), { maxLength: 4 }),
        (at, byte, places) => {
          const broken = Buffer.from(DOCUMENT);
          broken[at] = byte;
          const once = parsePieces([broken]);
          expect(parsePieces(cut(broken, places))).toEqual(once);
          expect(once.tests).toBe(once.all.length);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('reads any names and texts back that a writer could escape', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 }).map((value) => value.replace(/\r/g, '').trim());
    const escaped = (value: string): string =>
      value.replace(/[&<>"'\n\t\r]/g, (character) => `&#${character.charCodeAt(0)};`);
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 20 }), fc.array(fc.nat()), (tests, places) => {
        const cases = tests.map(([name, message]) => {
          return `<testcase name="${escaped(name)}" classname="c"><failure>${escaped(message)}</failure></testcase>`;
        });
        const parsed = parsePieces(cut(Buffer.from(`<testsuite>${cases.join('')}</testsuite>`), places));
        expect(parsed.all.map(({ name, trace }) => [name, trace ?? ''])).toEqual(
          tests.map(([name, message]) => [name || '(no name)', message]),
        );
      }),
    );
  });

  it('reads arbitrary bytes to an answer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const parsed = parsePieces([bytes]);
        expect(parsed.problem).not.toBeNull();
        expect(parsed.all).toEqual([]);
      }),
    );
  });
});
