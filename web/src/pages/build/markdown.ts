import type { ChangeView, ComparisonView } from '../../../../src/protocol/api/builds.ts';
import type { ChangeKind } from '../../../../src/protocol/results.ts';

const KINDS: readonly (readonly [ChangeKind, string])[] = [
  ['regression', 'Regressions'],
  ['fix', 'Fixes'],
  ['new', 'New'],
  ['gone', 'Gone'],
  ['flaky', 'Flaky'],
];

/** What the comparison's page shows; an empty word lets everything through. */
export interface ChangeFilter {
  text: string;
  environment: string;
  suite: string;
  kind: string;
}

export function filterChanges(changes: readonly ChangeView[], filter: ChangeFilter): ChangeView[] {
  const text = filter.text.toLowerCase();
  return changes.filter(
    (change) =>
      (filter.kind === '' || change.kind === filter.kind) &&
      (filter.suite === '' || change.suite === filter.suite) &&
      (filter.environment === '' || change.environments.includes(filter.environment)) &&
      (text === '' || `${change.suite}\n${change.name}\n${change.message ?? ''}`.toLowerCase().includes(text)),
  );
}

/** A comparison for a mail or a merge request. Names from tests are code, so that nothing in them is markup. */
export function comparisonMarkdown(comparison: ComparisonView, changes: readonly ChangeView[]): string {
  const { project, from, to } = comparison;
  const lines = [`## ${code(project)}: ${code(from.version)} → ${code(to.version)}`, ''];
  const groups = KINDS.map(([kind, name]) => ({ name, found: changes.filter((change) => change.kind === kind) }));
  if (changes.length === 0) lines.push(unchanged(comparison), '');
  for (const { name, found } of groups) {
    if (found.length === 0) continue;
    lines.push(`### ${name} (${found.length})`, '');
    for (const change of found) lines.push(...changeLines(change));
    lines.push('');
  }
  const gaps = comparison.missing.map(({ environment, job, missing_in, tests }) => {
    const version = comparison[missing_in].version;
    return `- ${code(environment)} ${code(job)}: ${tests} ${tests === 1 ? 'test' : 'tests'}, of which ${code(version)} has no results`;
  });
  if (gaps.length > 0) lines.push(`### Not compared (${gaps.length})`, '', ...gaps, '');
  return lines.join('\n');
}

function unchanged({ nothing_compared, from, to }: ComparisonView): string {
  if (nothing_compared !== null) return `Nothing could be compared: ${code(nothing_compared)}`;
  return from.finished_at === null || to.finished_at === null ? 'Nothing changed so far.' : 'Nothing changed.';
}

function changeLines(change: ChangeView): string[] {
  const place = change.location === null ? '' : ` (${code(change.location)})`;
  const line = `- ${code(change.where)} ${code(`${change.suite}: ${change.name}`)}${place}`;
  const message = change.message?.split('\n', 1)[0] ?? '';
  return message === '' || change.kind === 'fix' ? [line] : [line, `  ${code(message)}`];
}

/** Code in Markdown: a fence longer than any row of backticks inside, and no line ends. */
function code(text: string): string {
  const plain = text.replace(/\s+/g, ' ');
  const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map((match) => match[0].length));
  const fence = '`'.repeat(longest + 1);
  const space = plain.startsWith('`') || plain.endsWith('`') || plain.trim() === '' ? ' ' : '';
  return `${fence}${space}${plain}${space}${fence}`;
}
