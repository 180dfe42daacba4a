import { describe, expect, it } from 'vitest';
import type { ChangeView, ComparisonView } from '../../../../src/protocol/api/builds.ts';
import { comparisonMarkdown, filterChanges } from './markdown.ts';

function change(part: Partial<ChangeView>): ChangeView {
  return {
    ...{ kind: 'regression', suite: 'parser/quotes', name: 'nested quotes', occurrence: 0, environments: ['jammy'] },
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
  ...{ build_id: 1, version, created_at: '2026-01-01T00:00:00Z', finished_at: null },
});
const COMPARISON: ComparisonView = {
  ...{ project: 'acme/widget', from: build('1a2b3c4'), to: build('9d8e7f6'), environments: [], changes: [] },
  ...{ counts: { regression: 0, fix: 0, new: 0, gone: 0, flaky: 0 }, truncated: false, missing: [] },
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
