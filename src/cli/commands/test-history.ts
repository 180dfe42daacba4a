import { GroundcrewError } from '../../base/errors/error.ts';
import type { Operations } from '../../protocol/client.generated.ts';
import type { Client } from '../connect.ts';
import type { Context } from '../context.ts';
import type { Group } from '../group.ts';
import { parseCount } from '../text/list.ts';
import { plainText } from '../text/plain.ts';
import { testSign, testStatus } from '../text/status.ts';
import { tableLines } from '../text/table.ts';
import { ageOf, durationText } from '../text/time.ts';
import { padTo, widthOf } from '../text/width.ts';

type History = Operations['testHistory']['answer'];
interface Test {
  suite: string;
  name: string;
}

/** Builds that are looked at when nobody says how many. */
const BUILDS = 20;
const SAID_AT_MOST = 10;

/** `groundcrew test history`: a test over builds and environments. */
export function addTestHistory(test: Group): void {
  test.add<[project: string, suite: string, name: string | undefined], { limit: number }>({
    usage: 'history <project> <suite> [name]',
    description: 'One test over builds and environments, newest first',
    example: 'groundcrew test history acme/widget parser/quotes "unicode quotes"',
    notes: 'Without a name, the one test that has the text in its suite or name; "SUITE: NAME" is fine, too.',
    flags: (command) => void command.option('--limit <count>', 'builds to look at, up to 1000', parseCount, BUILDS),
    async work(context, { limit }, project, suite, name) {
      const client = context.client();
      const which = name === undefined ? await onlyTest(client, project, suite) : { suite, name };
      const history = await client.call('testHistory', { query: { project, ...which, limit } });
      if (context.json) return context.sayJson(history);
      if (history.builds.length === 0) {
        return context.note(
          `No finished build of ${project} has the test ${which.suite}: ${which.name}. Find it with: groundcrew test find`,
        );
      }
      context.sayAll(historyLines(context, history));
    },
  });
}

/** The test that a text means; GC1040 when it means none or several. */
async function onlyTest(client: Client, project: string, text: string): Promise<Test> {
  const border = text.indexOf(': ');
  const tries = border < 0 ? [text] : [text.slice(border + 2), text];
  const found: Test[] = [];
  for (const part of tries) {
    const { items } = await client.call('findTests', { query: { project, text: part, limit: 200 } });
    const exact = items.filter(({ suite, name }) => [`${suite}: ${name}`, name, suite].includes(text));
    const fitting =
      border < 0 || exact.length > 0 ? items : items.filter((one) => `${one.suite}: ${one.name}`.includes(text));
    if (exact.length === 1) return exact[0] as Test;
    if (fitting.length === 1) return fitting[0] as Test;
    found.push(...fitting);
  }
  const names = found.slice(0, SAID_AT_MOST).map(({ suite, name }) => `\n  ${suite}: ${name}`);
  const more = found.length > SAID_AT_MOST ? `\n  and ${found.length - SAID_AT_MOST} more` : '';
  const count = found.length === 0 ? 'no test' : `${found.length} tests`;
  throw new GroundcrewError('GC1040', { project, text, count, names: `${names.join('')}${more}` });
}

function historyLines(context: Context, history: History): string[] {
  const { paint, width, clock } = context;
  const names = Math.max(...history.environments.map(widthOf));
  const trends = history.environments.map((environment) => {
    const signs = history.builds.map(({ cells }) => {
      const cell = cells.find((one) => one.environment === environment);
      // A dash would look like a test that was skipped.
      return cell === undefined ? '·' : testSign(cell.status);
    });
    // The newest is at the left, and as many as the line has room for.
    const room = width === null ? signs.length : Math.max(10, width - names - 4);
    return `  ${padTo(environment, names)}  ${signs.slice(0, room).join('')}`;
  });
  const said = history.trends.map((trend) => `  ${padTo(trend.environment, names)}  ${trendText(history, trend)}`);
  const columns = [
    { title: 'Build', least: 10, cut: 'middle' },
    { title: 'age', right: true },
    ...history.environments.map((title) => ({ title, least: 7 })),
  ] as const;
  const rows = history.builds.map(({ build, cells }) => [
    build.version,
    ageOf(build.created_at, clock),
    ...history.environments.map((environment) => {
      const cell = cells.find((one) => one.environment === environment);
      if (cell === undefined) return '–';
      const status = testStatus(cell.status, paint);
      const took = cell.duration_ms === null ? '' : `  ${durationText(cell.duration_ms)}`;
      return typeof status === 'string' ? status : { ...status, text: `${status.text}${took}` };
    }),
  ]);
  return [
    paint.strong(plainText(`${history.suite}: ${history.name}`)),
    ...trends,
    '',
    ...said.map(plainLine),
    '',
    ...tableLines(columns, rows, width, paint),
  ];
}

function plainLine(line: string): string {
  return plainText(line, true);
}

/** What the newest result of a test was. */
const NEWEST: Readonly<Record<string, string>> = {
  pass: 'passed',
  skip: 'was skipped',
  flaky: 'was flaky',
  xfail: 'failed as expected',
  error: 'ended in an error',
  fail: 'failed',
};

function trendText({ builds }: History, trend: History['trends'][number]): string {
  const { environment, first_failed_in, last_passed_in, flaky, sample } = trend;
  const newest = builds
    .flatMap(({ build, cells }) => cells.map((cell) => ({ ...cell, version: build.version })))
    .find((cell) => cell.environment === environment);
  const word = NEWEST[newest?.status ?? ''] ?? 'ran';
  const fails = first_failed_in === null ? `${word} in ${newest?.version}` : `fails since ${first_failed_in}`;
  const passed = last_passed_in === null ? 'has never passed' : `last passed in ${last_passed_in}`;
  const rate = flaky === 0 ? '' : `; flaky in ${flaky} of ${sample} builds`;
  if (first_failed_in === null && newest?.status === 'pass') return `${fails}${rate}`;
  return `${fails}, ${passed}${rate}`;
}
