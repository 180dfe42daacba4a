import { describe, expect, it } from 'vitest';
import { problemError } from '../problem.ts';
import { briefly, parseText } from '../testing/parse-text.ts';

const OPEN = '<testsuites><testsuite name="s"><testcase name="kept"/>';
const CLOSE = '</testsuite></testsuites>';

function messageOf(text: string | Buffer): string {
  const { problem } = parseText(text);
  return problem === null ? '' : problemError('junit.xml', 'JUnit XML', problem).message;
}

describe('what is no JUnit', () => {
  it('says so in one sentence', () => {
    expect(messageOf('')).toBe('junit.xml is empty, so it holds no JUnit XML results.');
    expect(messageOf('Tests: 3 passed')).toMatch(/^junit.xml is not JUnit XML: it is no XML \(line 1, column \d+: /);
    expect(messageOf('{"tests": []}')).toMatch(/^junit.xml is not JUnit XML: it is no XML/);
    expect(messageOf(' \n ')).toMatch(/^junit.xml is not JUnit XML: it is no XML/);
    expect(messageOf('<html><body/></html>')).toBe(
      'junit.xml is not JUnit XML: its outermost element is <html>, not <testsuites> or <testsuite>.',
    );
  });

  it('takes an empty list of suites for what it is', () => {
    expect(parseText('<testsuites/>')).toMatchObject({ tests: 0, problem: null, all: [] });
  });
});

describe('broken XML', () => {
  it('keeps what came before and names the place', () => {
    const parsed = parseText(`${OPEN}\n  <testcase name="x"></testsuite>`);
    expect(briefly(parsed)).toEqual(['s: kept: pass']);
    expect(parsed.problem).toMatchObject({
      code: 'GC1701',
      line: 2,
      problem: '</testsuite> where </testcase> was expected',
    });
  });

  it('says inside what a file ends, and keeps a test whose failure had begun', () => {
    const parsed = parseText(`${OPEN}<testcase name="cut"><failure message="m">half a tra`);
    expect(briefly(parsed)).toEqual(['s: kept: pass', 's: cut: fail']);
    expect(parsed.problem).toMatchObject({ code: 'GC1701', problem: 'the file ends inside <failure>', line: 1 });
    expect(briefly(parseText(`${OPEN}<testcase name="cut">`))).toEqual(['s: kept: pass']);
    expect(parseText(`${OPEN}<testcase na`).problem?.problem).toBe('the file ends inside <testsuite>');
  });
});

describe('documents that want to do harm', () => {
  it('refuses document types, and with them entity bombs and external entities', () => {
    const bomb = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuites name="&b;"/>`;
    expect(messageOf(bomb)).toMatch(/^junit.xml is refused at line 1, column \d+: it has a document type declaration/);
    expect(messageOf('<!DOCTYPE testsuites SYSTEM "file:///etc/passwd"><testsuites/>')).toContain('is refused');
    expect(messageOf(`<!DOCTYPE x [${'<!ENTITY a "b">'.repeat(100_000)}`)).toContain('is refused');
  });

  it('bounds depth, attributes and names', () => {
    expect(messageOf('<testsuite>'.repeat(1000))).toContain('elements are nested more than 100 deep');
    const many = Array.from({ length: 300 }, (_, index) => ` a${index}="1"`).join('');
    expect(messageOf(`<testsuites><testsuite${many}/></testsuites>`)).toContain('more than 200 attributes');
    expect(messageOf(`<testsuite name="${'x'.repeat(5_000_000)}"/>`)).toContain('longer than 4194304 characters');
    expect(messageOf(`<testsuite><${'x'.repeat(400_000)}/></testsuite>`)).toContain('a name is longer');
  });

  it('cuts messages and traces, and counts what it cut', () => {
    const [test] = parseText(
      `${OPEN.replace('<testcase name="kept"/>', '')}<testcase name="t"><failure message="${'m'.repeat(5000)}">${'t'.repeat(300_000)}</failure></testcase>${CLOSE}`,
    ).all;
    expect(test?.message).toHaveLength(4000);
    expect(test?.trace).toHaveLength(32_000);
    expect(test?.cut_characters).toBe(1000 + 268_000);
  });

  it('keeps a cut inside a surrogate pair storable', () => {
    const [test] = parseText(
      `<testsuite><testcase name="t"><failure>x${'😀'.repeat(20_000)}</failure></testcase></testsuite>`,
    ).all;
    expect(test?.trace?.isWellFormed()).toBe(true);
  });
});

describe('encodings', () => {
  const text = '<?xml version="1.0" encoding="ENC"?><testsuite><testcase name="größe 日本 😀"/></testsuite>';
  const nameIn = (bytes: Buffer): string | undefined => parseText(bytes).all[0]?.name;

  it('reads UTF-8 and UTF-16, with and without a byte order mark', () => {
    const utf16 = Buffer.from(text.replace('ENC', 'UTF-16'), 'utf16le');
    const swapped = Buffer.from(utf16).swap16();
    expect(nameIn(utf16)).toBe('größe 日本 😀');
    expect(nameIn(swapped)).toBe('größe 日本 😀');
    expect(nameIn(Buffer.concat([Buffer.of(0xff, 0xfe), utf16]))).toBe('größe 日本 😀');
    expect(nameIn(Buffer.concat([Buffer.of(0xfe, 0xff), swapped]))).toBe('größe 日本 😀');
    expect(nameIn(Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(text.replace('ENC', 'utf-8'))]))).toBe(
      'größe 日本 😀',
    );
    // A common slip of .NET: declared UTF-16, written UTF-8.
    expect(nameIn(Buffer.from(text.replace('ENC', 'utf-16')))).toBe('größe 日本 😀');
  });

  it('reads a declared encoding, and refuses one that nobody knows', () => {
    const latin = '<?xml version="1.0" encoding="ISO-8859-1"?><testsuite><testcase name="größe"/></testsuite>';
    expect(nameIn(Buffer.from(latin, 'latin1'))).toBe('größe');
    expect(messageOf(text.replace('ENC', 'x-klingon'))).toContain('in the encoding "x-klingon", which cannot be read');
  });

  it('keeps invalid UTF-8 with replacement characters', () => {
    const bytes = Buffer.concat([
      Buffer.from('<testsuite><testcase name="a'),
      Buffer.of(0xff, 0xc3),
      Buffer.from('b"/></testsuite>'),
    ]);
    expect(nameIn(bytes)).toBe('a\ufffd\ufffdb');
  });
});
