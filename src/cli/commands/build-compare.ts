import type { Operations } from '../../protocol/client.generated.ts';
import { appearanceOf } from '../../protocol/signs.ts';
import { namedBuildOf, parseNamedBuild } from '../build-reference.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-status.ts';
import type { Group } from '../group.ts';
import type { Paint } from '../text/paint.ts';
import { plainText } from '../text/plain.ts';
import { cutTo, padTo, widthOf } from '../text/width.ts';

type Comparison = Operations['compareBuilds']['answer'];
type Change = Comparison['changes'][number];

const COLOURS: Readonly<Record<Change['kind'], keyof Paint>> = {
  ...{ regression: 'bad', fix: 'good', new: 'strong', gone: 'quiet', flaky: 'odd' },
};

/** Unfinished runs of a build that are named. */
const OPEN_SHOWN = 5;

/** `✗ regression`, and a gap. */
const KIND_CHARACTERS = 14;

/** `groundcrew build compare`: what changed from one build to another. */
export function addBuildCompare(build: Group): void {
  build.add<[build: string], { from?: string; failOnRegression?: boolean }>({
    usage: 'compare <build>',
    description: 'What changed since an earlier build: regressions, fixes, new, gone and flaky tests',
    example: 'groundcrew build compare acme/widget@9d8e7f6 --from 1a2b3c4',
    notes:
      'A build is named by PROJECT@VERSION, or by its number. With --fail-on-regression the status is 3 when there is\n' +
      'a regression, and 4 when that cannot be told: nothing could be compared, or one of the builds is not finished.',
    flags(command) {
      command
        .option('--from <version>', 'the earlier build (the last finished one with test results)')
        .option('--fail-on-regression', 'status 3 when there is a regression, 4 when that cannot be told');
    },
    async work(context, flags, text) {
      const client = context.client();
      const { project, version: to } = await namedBuildOf(client, text);
      const from = flags.from === undefined ? undefined : (parseNamedBuild(flags.from)?.version ?? flags.from);
      const comparison = await client.call('compareBuilds', { query: { project, to, from } });
      if (context.json) context.sayJson(comparison);
      else context.sayAll(comparisonLines(context, comparison));
      return flags.failOnRegression === true ? statusOf(context, comparison) : EXIT.fine;
    },
  });
}

/** 0 is a promise: everything of both builds was there to be compared, and nothing broke. */
function statusOf(context: Context, comparison: Comparison): number {
  if (comparison.counts.regression > 0) return EXIT.failed;
  const open = [comparison.from, comparison.to].filter((build) => build.finished_at === null);
  if (comparison.nothing_compared === null && open.length === 0) return EXIT.fine;
  const why =
    comparison.nothing_compared === null
      ? `${open.map((build) => build.version).join(' and ')} ${open.length === 1 ? 'is' : 'are'} not finished`
      : 'nothing could be compared';
  context.note(plainText(`Whether there is a regression cannot be told, since ${why}.`));
  return EXIT.undecided;
}

/** The builds, a line or two a change, and what could not be compared. */
export function comparisonLines(context: Pick<Context, 'paint' | 'width'>, comparison: Comparison): string[] {
  const { paint } = context;
  const { project, from, to, changes, counts, missing } = comparison;
  const lines = [paint.strong(plainText(`${project}@${from.version} → ${project}@${to.version}`))];
  const where = Math.max(0, ...changes.map((change) => widthOf(change.where)));
  const room = context.width === null ? where : Math.min(where, Math.max(16, Math.floor(context.width / 3)));
  lines.push(...changes.flatMap((change) => changeLines(context, change, room)));
  if (changes.length === 0) lines.push(plainText(`  ${unchanged(comparison)}`, true));
  lines.push(...openLines(comparison).map((line) => plainText(line)));
  for (const gap of missing) {
    const version = gap.missing_in === 'from' ? from.version : to.version;
    const tests = gap.tests === 1 ? '1 test is' : `${gap.tests} tests are`;
    lines.push(plainText(`! ${version} has no results of ${gap.job} in ${gap.environment}: ${tests} not compared`));
  }
  if (comparison.truncated) {
    const all = Object.entries(counts).filter(([, count]) => count > 0);
    lines.push(`Not all are shown: ${all.map(([kind, count]) => `${count} ${kind}`).join(', ')}`);
  }
  return lines;
}

/** What is said when there is no change to show. */
function unchanged({ nothing_compared, from, to }: Comparison): string {
  if (nothing_compared !== null) return `Nothing could be compared: ${nothing_compared}.`;
  return from.finished_at === null || to.finished_at === null ? 'Nothing changed so far.' : 'Nothing changed.';
}

/** A line for each build that is not finished, with the runs that it waits for. */
function openLines({ from, to, unfinished }: Comparison): string[] {
  return (['from', 'to'] as const).flatMap((side) => {
    const build = side === 'from' ? from : to;
    const runs = unfinished.filter((run) => run.build === side);
    if (build.finished_at !== null && runs.length === 0) return [];
    const named = runs
      .slice(0, OPEN_SHOWN)
      .map(({ run_id, environment, job, state }) => `run ${run_id} (${environment}, ${job}: ${state})`);
    const more = runs.length > OPEN_SHOWN ? [`${runs.length - OPEN_SHOWN} more`] : [];
    const list = [...named, ...more].join(', ');
    return [`! ${build.version} is not finished${list === '' ? '' : `, it waits for ${list}`}`];
  });
}

/** One change in a line; a regression with its message in a second one. `room`: characters for where it changed. */
export function changeLines(
  { paint, width }: Pick<Context, 'paint' | 'width'>,
  change: Change,
  room: number,
): string[] {
  const colour = COLOURS[change.kind];
  const [sign] = appearanceOf(change.kind);
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
