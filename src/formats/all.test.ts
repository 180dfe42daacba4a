import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectFormat, FORMATS, formatNamed } from './all.ts';
import type { TestBatch } from './batch.ts';
import { headOf } from './head.ts';
import { AttachmentFinder } from './junit/attachments.ts';
import { JUNIT } from './junit/format.ts';
import { ParserThread } from './parser-thread.ts';
import { parseText } from './testing/parse-text.ts';

describe('the list of formats', () => {
  it('names each once, and finds it', () => {
    expect(new Set(FORMATS.map(({ name }) => name)).size).toBe(FORMATS.length);
    for (const format of FORMATS) expect(formatNamed(format.name)).toBe(format);
    expect(() => formatNamed('punched-cards')).toThrow('punched-cards');
  });

  it.each([
    ['<testsuites><testsuite/></testsuites>', 0.9],
    ['\uFEFF<?xml version="1.0"?>\n<!-- by a runner -->\n<testsuite name="a">', 0.9],
    ['<project><testsuite/></project>', 0],
    ['1..2\nok 1\n', 0],
  ])('tells JUnit XML by its first bytes: %s', (text, likeness) => {
    expect(JUNIT.detect(Buffer.from(text), 'out')).toBe(likeness);
    expect(JUNIT.detect(Buffer.from(text, 'utf16le'), 'out')).toBe(text.startsWith('\uFEFF') ? likeness : 0);
  });

  it('reads as JUnit XML what no format knows, so that it is refused with the place', () => {
    expect(detectFormat(Buffer.from('what is this'), 'notes.txt')).toBe(JUNIT);
  });

  it('looks at the first bytes and gives the whole stream, in any split', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 6 }), async (pieces) => {
        const { head, whole } = await headOf(Readable.from(pieces.map((piece) => Buffer.from(piece))));
        const all = await buffer(Readable.from(whole));
        expect(all.equals(Buffer.concat(pieces))).toBe(true);
        expect(all.subarray(0, head.length).equals(head)).toBe(true);
        expect(head.length).toBeGreaterThanOrEqual(Math.min(4096, all.length));
      }),
    );
  });
});

const WITH_EXTRAS = `<testsuites><properties><property name="commit" value="abc"/></properties>
  <testsuite name="s"><properties><property name="device" value="pixel"/></properties>
    <testcase name="t"><properties><property name="of the test" value="1"/></properties>
      <system-out>began
[[ATTACHMENT|out/screen.png]]
ended</system-out></testcase>
    <system-out>[[ATTACHMENT|of nobody.txt]]</system-out>
  </testsuite></testsuites>`;

describe('what a file holds beside tests', () => {
  it('facts and attachments are given, whatever was left out is counted', () => {
    const parsed = parseText(WITH_EXTRAS);
    expect(parsed.facts).toEqual([
      { suite: null, name: 'commit', value: 'abc' },
      { suite: 's', name: 'device', value: 'pixel' },
    ]);
    expect(parsed.attachments).toEqual([{ suite: 's', name: 't', path: 'out/screen.png' }]);
    expect(parsed.extras_left_out).toBe(0);
    expect(parseText(WITH_EXTRAS, { extras: 1 })).toMatchObject({ extras_left_out: 2, facts: [{ name: 'commit' }] });
    expect(parseText(WITH_EXTRAS, { extra_characters: 7 }).extras_left_out).toBe(1);
  });

  it('comes through the thread as well', async () => {
    const thread = new ParserThread();
    const batches: TestBatch[] = [];
    try {
      await thread.parse(JUNIT, Readable.from([Buffer.from(WITH_EXTRAS)]), async (batch) => void batches.push(batch));
    } finally {
      await thread.close();
    }
    expect(batches.flatMap(({ facts }) => facts)).toHaveLength(2);
    expect(batches.flatMap(({ attachments }) => attachments)).toHaveLength(1);
  });

  it('an attachment is found however its line is split', () => {
    const text = 'x[[ [[ATTACHMENT|a.png]] y\n[[ATTACHMENT|b/c.txt]][[ATTACH';
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const found: string[] = [];
        const finder = new AttachmentFinder((path) => found.push(path));
        const places = [0, ...cuts.toSorted((left, right) => left - right), text.length];
        for (const [index, end] of places.slice(1).entries()) finder.push(text.slice(places[index], end));
        expect(found).toEqual(['a.png', 'b/c.txt']);
      }),
    );
  });
});
