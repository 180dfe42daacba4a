import type { Operations } from '../../protocol/client.generated.ts';
import { namedBuildOf, parseNamedBuild } from '../build-reference.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-status.ts';
import type { Group } from '../group.ts';
import type { Paint } from '../text/paint.ts';
import { plainText } from '../text/plain.ts';
import { cutTo, padTo, widthOf } from '../text/width.ts';

type Comparison = Operations['compareBuilds']['answer'];
type Change = Comparison['changes'][number];

const KINDS: Readonly<Record<Change['kind'], readonly [sign: string, colour: keyof Paint]>> = {
  regression: ['✗', 'bad'],
  fix: ['✓', 'good'],
  new: ['+', 'strong'],
  gone: ['−', 'quiet'],
  flaky: ['~', 'odd'],
};

/** `✗ regression`, and a gap. */
const KIND_CHARACTERS = 14;

/** `groundcrew build compare`: what changed from one build to another. */
export function addBuildCompare(build: Group): void {
  build.add<[build: string], { from?: string; failOnRegression?: boolean }>({
    usage: 'compare <build>',
    description: 'What changed since an earlier build: regressions, fixes, new, gone and flaky tests',
    example: 'groundcrew build compare acme/widget@9d8e7f6 --from 1a2b3c4',
    notes: 'A build is named by PROJECT@VERSION, or by its number.',
    flags(command) {
      command
        .option('--from <version>', 'the earlier build (the last finished one with test results)')
        .option('--fail-on-regression', 'end with status 3 when there is a regression');
    },
    async work(context, flags, text) {
      const client = context.client();
      const { project, version: to } = await namedBuildOf(client, text);
      const from = flags.from === undefined ? undefined : (parseNamedBuild(flags.from)?.version ?? flags.from);
      const comparison = await client.call('compareBuilds', { query: { project, to, from } });
      if (context.json) context.sayJson(comparison);
      else context.sayAll(comparisonLines(context, comparison));
      return flags.failOnRegression === true && comparison.counts.regression > 0 ? EXIT.failed : EXIT.fine;
    },
  });
}

/** The builds, a line or two a change, and what could not be compared. */
export function comparisonLines(context: Pick<Context, 'paint' | 'width'>, comparison: Comparison): string[] {
  const { paint } = context;
  const { project, from, to, changes, counts, missing } = comparison;
  const lines = [paint.strong(plainText(`${project}@${from.version} → ${project}@${to.version}`))];
  const where = Math.max(0, ...changes.map((change) => widthOf(change.where)));
  lines.push(...changes.flatMap((change) => changeLines(context, change, Math.min(where, 16))));
  if (changes.length === 0) lines.push('  Nothing changed.');
  for (const gap of missing) {
    const version = gap.missing_in === 'from' ? from.version : to.version;
    lines.push(
      plainText(`! ${version} has no results of ${gap.job} in ${gap.environment}: ${gap.tests} tests are not compared`),
    );
  }
  if (comparison.truncated) {
    const all = Object.entries(counts).filter(([, count]) => count > 0);
    lines.push(`Not all are shown: ${all.map(([kind, count]) => `${count} ${kind}`).join(', ')}`);
  }
  return lines;
}

/** One change in a line; a regression with its message in a second one. `room`: characters for where it changed. */
export function changeLines(
  { paint, width }: Pick<Context, 'paint' | 'width'>,
  change: Change,
  room: number,
): string[] {
  const [sign, colour] = KINDS[change.kind];
  const attempts = change.kind === 'flaky' ? `   failed ${change.failed_attempts} of ${change.attempts} attempts` : '';
  const where = padTo(cutTo(plainText(change.where), room, 'middle'), room);
  const indent = KIND_CHARACTERS + room + 2;
  const name = plainText(`${change.suite}: ${change.name}`);
  const head = `${paint[colour](padTo(`${sign} ${change.kind}`, KIND_CHARACTERS))}${where}  `;
  const cut = (text: string, kept: number): string =>
    width === null ? text : cutTo(text, Math.max(20, width - indent - kept));
  const lines = [`${head}${cut(name, attempts.length)}${attempts}`];
  if (change.kind !== 'regression') return lines;
  const location = change.location === null ? '' : `   ${plainText(change.location)}`;
  const message = plainText(change.message?.split('\n')[0] ?? '');
  if (message !== '' || location !== '') {
    lines.push(`${' '.repeat(indent)}${paint.quiet(`${cut(message, widthOf(location))}${location}`.trimStart())}`);
  }
  return lines;
}
