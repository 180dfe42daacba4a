import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { briefly, parseText } from '../testing/parse-text.ts';

describe("Node's own reporter", () => {
  const source = `
    import { describe, it, test } from 'node:test';
    import assert from 'node:assert';
    describe('parser/quotes', () => {
      it('nested quotes survive a round trip', () => assert.equal('a\\\\"b', 'ab'));
      it('says "hello" & <goodbye>', () => {});
      it.skip('later', () => {});
      it.todo('one day', () => assert.fail('not yet'));
      describe('inner', () => it('deep', () => {}));
    });
    test('top level', () => {});`;

  it('gives describe blocks as suites', () => {
    const directory = mkdtempSync(join(tmpdir(), 'groundcrew-node-junit-'));
    try {
      writeFileSync(join(directory, 'parser.test.mjs'), source);
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      let output: string;
      try {
        const options = ['--test', '--test-reporter=junit', 'parser.test.mjs'];
        output = execFileSync(process.execPath, options, { cwd: directory, encoding: 'utf8', env, timeout: 20_000 });
      } catch (error) {
        output = (error as { stdout: string }).stdout;
      }
      const parsed = parseText(output);
      expect(parsed.problem).toBeNull();
      expect(briefly(parsed)).toEqual([
        'parser/quotes: nested quotes survive a round trip: fail',
        'parser/quotes: says "hello" & <goodbye>: pass',
        'parser/quotes: later: skip',
        'parser/quotes: one day: xfail',
        'parser/quotes/inner: deep: pass',
        'test: top level: pass',
      ]);
      expect(parsed.all[0]).toMatchObject({ file: 'parser.test.mjs', line: 5, attempts: 1, failed_attempts: 1 });
      expect(parsed.all[0]?.message).toContain(`"b' == 'ab'`);
      expect(parsed.all[0]?.trace).toContain('ERR_ASSERTION');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('gives the same suites in its older form, where every class name is "test"', () => {
    const parsed = parseText(`<?xml version="1.0" encoding="utf-8"?>
      <testsuites><testsuite name="parser/quotes"><testsuite name="inner">
      <testcase name="deep" time="0.25" classname="test"/></testsuite></testsuite>
      <testcase name="top level" time="0.1" classname="test"/></testsuites>`);
    expect(briefly(parsed)).toEqual(['parser/quotes/inner: deep: pass', 'test: top level: pass']);
    expect(parsed.all[0]?.duration_ms).toBe(250);
  });
});

describe('pytest', () => {
  const parsed =
    parseText(`<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" tests="5">
<testcase classname="tests.test_quotes.TestQuotes" name="test_ok" time="0.001" />
<testcase classname="tests.test_quotes.TestQuotes" name="test_param[\\xe9\\x1b[0m]" time="0.005"><failure message="AssertionError: expected&#10;  - a/b">self = &lt;object&gt;

&gt;   def test_param(self, q): assert q == "a/b"
E   AssertionError: expected

tests/test_quotes.py:5: AssertionError</failure></testcase>
<testcase classname="tests.test_quotes" name="test_skip" time="0.000"><skipped type="pytest.skip" message="later">x.py:6: later</skipped></testcase>
<testcase classname="tests.test_quotes" name="test_xfail" time="0.001"><skipped type="pytest.xfail" message="known" /></testcase>
<testcase classname="tests.test_quotes" name="test_setup" time="0.000"><error message="failed on setup with &quot;RuntimeError: no database&quot;">E   RuntimeError: no database

tests/test_quotes.py:11: RuntimeError</error></testcase></testsuite></testsuites>`);

  it('has modules and classes as suites; what fails in set-up failed', () => {
    expect(briefly(parsed)).toEqual([
      'tests.test_quotes.TestQuotes: test_ok: pass',
      'tests.test_quotes.TestQuotes: test_param[\\xe9\\x1b[0m]: fail',
      'tests.test_quotes: test_skip: skip',
      'tests.test_quotes: test_xfail: xfail',
      'tests.test_quotes: test_setup: fail',
    ]);
    expect(parsed.all[1]).toMatchObject({ file: 'test_quotes.py', line: 5, duration_ms: 5 });
    expect(parsed.all[1]?.message).toBe('AssertionError: expected\n  - a/b');
    expect(parsed.all[4]?.message).toBe('failed on setup with "RuntimeError: no database"');
  });
});

describe('Surefire and Gradle', () => {
  const parsed =
    parseText(`<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="com.acme.QuotesTest" time="1,234.5" tests="4">
  <properties><property name="java.version" value="21"/></properties>
  <testcase name="flaky" classname="com.acme.QuotesTest" time="0.5">
    <flakyFailure message="once" type="java.lang.AssertionError"><stackTrace><![CDATA[java.lang.AssertionError: once
	at org.junit.Assert.fail(Assert.java:89)
	at com.acme.QuotesTest.flaky(QuotesTest.java:41)]]></stackTrace><system-out>noise</system-out></flakyFailure>
  </testcase>
  <testcase name="broken" classname="com.acme.QuotesTest" time="1,234.5">
    <failure message="first" type="java.lang.AssertionError">first trace</failure>
    <rerunFailure message="second" type="java.lang.AssertionError"><stackTrace>second trace</stackTrace></rerunFailure>
    <rerunError type="java.io.IOException"><stackTrace>third trace</stackTrace></rerunError>
  </testcase>
  <testcase name="crash" classname="com.acme.QuotesTest" time="0"><error type="java.lang.NullPointerException">java.lang.NullPointerException
	at com.acme.Quotes.parse(Quotes.java:7)</error><system-err>never mind</system-err></testcase>
  <testcase name="ignored" classname="com.acme.QuotesTest" time="0"><skipped/></testcase>
  <system-out><![CDATA[ <testcase name="not one"/> ]]></system-out>
</testsuite>`);

  it('knows reruns: what passed in the end is flaky, what never did failed', () => {
    expect(parsed.problem).toBeNull();
    expect(briefly(parsed)).toEqual([
      'com.acme.QuotesTest: flaky: flaky',
      'com.acme.QuotesTest: broken: fail',
      'com.acme.QuotesTest: crash: fail',
      'com.acme.QuotesTest: ignored: skip',
    ]);
    expect(parsed.all[0]).toMatchObject({ attempts: 2, failed_attempts: 1, file: 'QuotesTest.java', line: 41 });
    expect(parsed.all[0]?.trace).not.toContain('noise');
    expect(parsed.all[1]).toMatchObject({ attempts: 3, failed_attempts: 3, message: 'first', duration_ms: 1_234_500 });
    expect(parsed.all[1]?.trace).toBe('first trace\nsecond trace\nthird trace');
    expect(parsed.all[2]).toMatchObject({ message: 'java.lang.NullPointerException', file: 'Quotes.java', line: 7 });
  });
});

describe('Go', () => {
  it('has packages as suites, long or short, and finds the message in the output', () => {
    const parsed =
      parseText(`<testsuites tests="3"><testsuite tests="3" failures="1" time="0.003" name="example.com/widget/parser">
      <properties><property name="go.version" value="go1.23"></property></properties>
      <testcase classname="example.com/widget/parser" name="TestA/sub_test" time="0.000000"></testcase>
      <testcase classname="parser" name="TestShort" time="0.000000"></testcase>
      <testcase classname="example.com/widget/parser" name="TestB" time="0.010000"><failure message="Failed" type="">=== RUN   TestB
    quotes_test.go:41: expected a, got b
--- FAIL: TestB (0.01s)
</failure></testcase></testsuite></testsuites>`);
    expect(briefly(parsed)).toEqual([
      'example.com/widget/parser: TestA/sub_test: pass',
      'example.com/widget/parser: TestShort: pass',
      'example.com/widget/parser: TestB: fail',
    ]);
    expect(parsed.all[2]).toMatchObject({
      message: 'quotes_test.go:41: expected a, got b',
      file: 'quotes_test.go',
      line: 41,
    });
  });
});

describe('GoogleTest', () => {
  it('knows tests that did not run, parameters, and several failures of one test', () => {
    const parsed = parseText(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" name="AllTests"><testsuite name="Quotes" tests="4">
 <testcase name="Nested" file="quotes_test.cc" line="12" status="run" result="completed" time="0.004" classname="Quotes">
  <failure message="quotes_test.cc:14&#x0A;Expected: 1" type=""><![CDATA[quotes_test.cc:14
Expected: 1]]></failure>
  <failure message="quotes_test.cc:15&#x0A;Expected: 2" type=""><![CDATA[quotes_test.cc:15
Expected: 2]]></failure>
 </testcase>
 <testcase name="DISABLED_Later" status="notrun" result="suppressed" time="0." classname="Quotes" />
 <testcase name="Skips" status="run" result="skipped" time="0" classname="Quotes"><skipped message="no device"/></testcase>
 <testcase name="Works/0" value_param="&quot;a&quot;" status="run" result="completed" time="0" classname="All/Quotes" />
</testsuite></testsuites>`);
    expect(briefly(parsed)).toEqual([
      'Quotes: Nested: fail',
      'Quotes: DISABLED_Later: skip',
      'Quotes: Skips: skip',
      'All/Quotes: Works/0: pass',
    ]);
    expect(parsed.all[0]).toMatchObject({
      message: 'quotes_test.cc:14\nExpected: 1',
      file: 'quotes_test.cc',
      line: 12,
    });
    expect(parsed.all[0]?.trace).toContain('quotes_test.cc:15\nExpected: 2');
  });
});

describe('jest-junit, vitest and Playwright', () => {
  it('takes the test suite where the class name repeats the name, and no suite named undefined', () => {
    const parsed = parseText(`<testsuites name="jest tests"><testsuite name="parser" errors="0">
      <testcase classname="parser nested quotes" name="parser nested quotes" time="0.004"><failure>Error: expect(received).toBe(expected)
    at Object.toBe (parser.test.js:41:7)</failure></testcase></testsuite>
      <testsuite name="undefined"><testcase classname="alone" name="alone" time="0"/></testsuite></testsuites>`);
    expect(briefly(parsed)).toEqual(['parser: parser nested quotes: fail', 'alone: alone: pass']);
    expect(parsed.all[0]).toMatchObject({ message: 'Error: expect(received).toBe(expected)', line: 41 });
  });

  it('has files as suites', () => {
    const parsed = parseText(`<testsuites id="" name=""><testsuite name="login.spec.ts" hostname="chromium">
      <testcase name="Login › works" classname="login.spec.ts" time="1.5"><failure message="login.spec.ts:9:5 works" type="FAILURE"><![CDATA[
  [chromium] › login.spec.ts:9:5 › Login › works

    at login.spec.ts:10:12
]]></failure><system-out>[[ATTACHMENT|trace.zip]]</system-out></testcase>
      <testcase classname="a.test.js" name="parser/quotes &gt; nested &quot;q&quot;" time="0.0065"><failure message="expected &apos;a&apos; to be &apos;b&apos;" type="AssertionError">
AssertionError: expected &apos;a&apos; to be &apos;b&apos;

 ❯ a.test.js:1:167
      </failure></testcase></testsuite></testsuites>`);
    expect(briefly(parsed)).toEqual([
      'login.spec.ts: Login › works: fail',
      'a.test.js: parser/quotes > nested "q": fail',
    ]);
    expect(parsed.all[0]).toMatchObject({ file: 'login.spec.ts', line: 10 });
    expect(parsed.all[1]).toMatchObject({ file: 'a.test.js', line: 1 });
  });
});

describe('whoever', () => {
  it('keeps a failure that stands outside any test case', () => {
    const parsed = parseText(
      '<testsuites><testsuite name="import"><error message="cannot load"/><testcase name="a"/></testsuite></testsuites>',
    );
    expect(briefly(parsed)).toEqual(['import: (suite): fail', 'import: a: pass']);
  });

  it('reads durations as they come', () => {
    const times = ['0', '1.5', '1,234.5', '0,25', '1e-3', '', 'soon', '-1'];
    const cases = times.map((time) => `<testcase name="${time}" time="${time}"/>`).join('');
    const parsed = parseText(`<testsuite name="s">${cases}</testsuite>`);
    expect(parsed.all.map((test) => test.duration_ms)).toEqual([0, 1500, 1_234_500, 250, 1, null, null, null]);
  });

  it('keeps long names apart, control characters, and names that are missing', () => {
    const long = 'n'.repeat(5000);
    const parsed = parseText(
      `<testsuite><testcase name="${long}a"/><testcase name="${long}b"/><testcase name="\u001b[1mbold\u0001"/><testcase/></testsuite>`,
    );
    const [first, second, third, fourth] = parsed.all;
    expect(first?.name).not.toBe(second?.name);
    expect(first?.name.length).toBeLessThanOrEqual(2000);
    expect(third?.name).toBe('\u001b[1mbold\u0001');
    expect(fourth).toMatchObject({ suite: '(no suite)', name: '(no name)' });
  });
});
