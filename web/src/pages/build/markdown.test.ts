import { describe, expect, it } from 'vitest';
import type { ChangeView, ComparisonView } from '../../../../src/protocol/api/builds.ts';
import { comparisonMarkdown, filterChanges } from './markdown.ts';

function change(part: Partial<ChangeView>): ChangeView {
  return {
    ...{
      kind: 'regression',
      suite: 'parser/quotes',
      name: 'nested quotes',
      occurrence: 0,
      environments: ['jammy'],
      jobs: ['test'],
    },
    ...{
      where: 'jammy',
      from_status: 'pass',
      to_status: 'fail',
      run_id: 1,
      position: 1,
      message: null,
      location: null,
    },
    ...{ attempts: 1, failed_attempts: 1 },
    ...part,
  };
}

const build = (version: string): ComparisonView['from'] => ({
  ...{ build_id: 1, version, created_at: '2026-01-01T00:00:00Z', finished_at: '2026-01-01T00:01:00Z' },
});
const COMPARISON: ComparisonView = {
  ...{ project: 'acme/widget', from: build('1a2b3c4'), to: build('9d8e7f6'), environments: [], changes: [] },
  ...{ counts: { regression: 0, fix: 0, new: 0, gone: 0, flaky: 0 }, truncated: false, missing: [] },
  ...{ unfinished: [], nothing_compared: null },
};

describe('a comparison as Markdown', () => {
  it('groups by kind, with message and place', () => {
    const changes = [
      change({ kind: 'new', name: 'unicode quotes', where: 'both' }),
      change({ message: 'expected "a" to equal "b"\nand more', location: 'parser.test.js:41' }),
      change({ kind: 'fix', name: 'Lisbon', message: 'it was so' }),
    ];
    expect(comparisonMarkdown(COMPARISON, changes)).toBe(
      [
        '## `acme/widget`: `1a2b3c4` → `9d8e7f6`',
        '',
        '### Regressions (1)',
        '',
        '- `jammy` `parser/quotes: nested quotes` (`parser.test.js:41`)',
        '  `expected "a" to equal "b"`',
        '',
        '### Fixes (1)',
        '',
        '- `jammy` `parser/quotes: Lisbon`',
        '',
        '### New (1)',
        '',
        '- `both` `parser/quotes: unicode quotes`',
        '',
      ].join('\n'),
    );
  });

  it('says when nothing changed', () => {
    expect(comparisonMarkdown(COMPARISON, [])).toContain('Nothing changed.');
  });

  it('never says so of what was not compared', () => {
    const nothing = comparisonMarkdown({ ...COMPARISON, nothing_compared: 'b `has` no test results' }, []);
    expect(nothing).toContain('Nothing could be compared: ``b `has` no test results``');
    expect(nothing).not.toContain('Nothing changed');
    const to = { ...COMPARISON.to, finished_at: null };
    expect(comparisonMarkdown({ ...COMPARISON, to }, [])).toContain('Nothing changed so far.');
    const missing = [{ environment: 'arm', job: 'main', missing_in: 'to' as const, tests: 7 }];
    expect(comparisonMarkdown({ ...COMPARISON, missing }, [])).toContain(
      '### Not compared (1)\n\n- `arm` `main`: 7 tests, of which `9d8e7f6` has no results\n',
    );
  });

  it('lets nothing in a name become markup', () => {
    const text = comparisonMarkdown(COMPARISON, [change({ name: '`](http://x) ``\n# title' })]);
    expect(text).toContain('```parser/quotes: `](http://x) `` # title```');
    expect(text.split('\n').filter((line) => line.startsWith('# '))).toEqual([]);
  });
});

describe('filters of a comparison', () => {
  const changes = [
    change({}),
    change({ kind: 'fix', suite: 'clock', name: 'Lisbon', environments: ['noble'] }),
    change({ kind: 'new', name: 'other', message: 'TIMEOUT', environments: ['jammy', 'noble'] }),
  ];
  const none = { text: '', environment: '', suite: '', kind: '' };

  it.each([
    [{}, 3],
    [{ kind: 'fix' }, 1],
    [{ environment: 'noble' }, 2],
    [{ suite: 'parser/quotes' }, 2],
    [{ text: 'timeout' }, 1],
    [{ text: 'LISBON', environment: 'jammy' }, 0],
  ])('%j', (filter, count) => {
    expect(filterChanges(changes, { ...none, ...filter })).toHaveLength(count);
  });
});
