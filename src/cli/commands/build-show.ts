import type { Operations } from '../../protocol/client.generated.ts';
import { buildIdOf } from '../build-reference.ts';
import type { Context } from '../context.ts';
import type { Group } from '../group.ts';
import { plainText } from '../text/plain.ts';
import { buildStatus, countsText, painted, runStatus } from '../text/status.ts';
import { tableLines } from '../text/table.ts';
import { ageOf } from '../text/time.ts';
import { whatChanged } from '../what-changed.ts';

type Build = Operations['getBuild']['answer'];

/** `groundcrew build show`: its environments, counts, and what it waits for. */
export function addBuildShow(build: Group): void {
  build.add<[build: string], object>({
    usage: 'show <build>',
    description: 'One build: its environments, counts, and what it still waits for',
    example: 'groundcrew build show acme/widget@9d8e7f6',
    notes: 'A build is named by PROJECT@VERSION, or by its number.',
    async work(context, _flags, text) {
      const client = context.client();
      const id = await buildIdOf(client, text);
      const answer = await client.call('getBuild', { path: { id } });
      if (context.json) return context.sayJson(answer);
      sayBuild(context, answer, await whatChanged(client, answer));
    },
  });
}

function sayBuild(context: Context, answer: Build, changed: string | null): void {
  const { project, build, baseline, verdict, waits_for, counts, tests, environments } = answer;
  const { paint, clock, width } = context;
  const name = `${project}@${build.version}`;
  context.say(`${paint.strong(plainText(name))}   ${ageOf(build.created_at, clock)} old, build ${build.build_id}`);
  const waits = waits_for.map(({ state, count }) => `${count} ${state}`).join(', ');
  const state = painted(buildStatus({ verdict, finished_at: build.finished_at }, paint));
  const results = tests === 0 ? 'no test results' : `${tests} ${tests === 1 ? 'test' : 'tests'}: ${countsText(counts)}`;
  context.say(`  ${state}${waits === '' ? '' : `: ${waits}`}   ${results}`);
  context.say();
  if (environments.length === 0) {
    context.say('  No run of it has begun yet.');
    return;
  }
  const columns = [
    { title: 'Environment', least: 10, cut: 'middle' },
    { title: 'job', least: 8, cut: 'middle' },
    { title: 'run', right: true },
    { title: 'state' },
    { title: 'tests', least: 12 },
  ] as const;
  const rows = environments.flatMap(({ environment, jobs }) =>
    jobs.map((job) => [
      environment,
      job.job,
      String(job.run_id),
      runStatus(job, paint),
      `${countsText(job.counts)}${job.partial ? '  (in part)' : ''}`,
    ]),
  );
  context.sayAll(tableLines(columns, rows, width, paint));
  const lone = baseline === null ? 'There is no finished build with test results before it to compare with.' : null;
  // Its head says when it has no results itself.
  const line = tests === 0 ? null : (lone ?? changed);
  if (line === null) return;
  context.say();
  context.say(line);
}
