import { formatSize } from '../../base/units.ts';
import { RUN_LEASE_MS } from '../../protocol/agent.ts';
import type { Operations } from '../../protocol/client.generated.ts';
import type { Context } from '../context.ts';
import type { Group } from '../group.ts';
import { emptyLog } from '../run-log.ts';
import { runOf } from '../text/arguments.ts';
import { plainText } from '../text/plain.ts';
import { countsText, painted, runStatus, testStatus } from '../text/status.ts';
import { tableLines } from '../text/table.ts';
import { ageOf, durationText, leftUntil } from '../text/time.ts';
import { cutTo, wrap } from '../text/width.ts';
import { scriptOf } from './node-shell.ts';

type Detail = Operations['getRun']['answer'];

const FAILURES_SHOWN = 20;
const GIVEN_UP = durationText(RUN_LEASE_MS);

/** `groundcrew run show`: verdict on top, then what failed, where the seconds went, and what it left. */
export function addRunShow(run: Group): void {
  run.add<[run: string], object>({
    usage: 'show <run>',
    description: 'One run: verdict, failures, timeline, steps, artifacts',
    example: 'groundcrew run show 977',
    async work(context, _flags, run) {
      const id = runOf(run);
      const detail = await context.client().call('getRun', { path: { id } });
      if (context.json) return context.sayJson(detail);
      sayHead(context, detail);
      sayFailures(context, detail);
      sayTimeline(context, detail);
      sayFiles(context, detail);
    },
  });
}

function sayHead(context: Context, detail: Detail): void {
  const { run, hold, other_attempts, results_problem } = detail;
  const { paint, clock } = context;
  const reason = run.reason === null ? '' : `: ${plainText(run.reason)}`;
  context.say(`${painted(runStatus(run, paint))}${reason}`);
  const attempt = run.attempt === 1 ? '' : `, attempt ${run.attempt}`;
  const place = `${run.project}@${run.build}, ${run.environment}, job ${run.job}${attempt}`;
  context.say(plainText(`  run ${run.id}, ${place}, submission ${run.submission_id}`, true));
  if (run.counts !== null) context.say(`  ${countsText(run.counts)}`);
  if (results_problem !== null) context.say(paint.bad(`  ! results: ${plainText(results_problem)}`));
  const times = `made ${ageOf(run.created_at, clock)} ago   waited ${durationText(run.waited_ms)}   ran ${durationText(run.ran_ms)}`;
  context.say(`  node ${run.node_id ?? '–'}   ${times}`);
  if (detail.unheard_since !== null) {
    const silence = `its node was not heard of for ${ageOf(detail.unheard_since, clock)}`;
    context.say(paint.odd(`  ! ${silence}${run.state === 'running' ? `; after ${GIVEN_UP} the run is given up` : ''}`));
  }
  if (run.state === 'queued' && run.request_id !== null) {
    context.say(`  why it waits: groundcrew request explain ${run.request_id}`);
  }
  for (const other of other_attempts) {
    context.say(`  attempt ${other.attempt}: run ${other.id}, ${other.verdict ?? 'not finished'}`);
  }
  if (hold !== null) {
    context.say(
      plainText(
        `  ${hold.node_id} is held for ${hold.owner} for ${leftUntil(hold.expires_at, clock)} more. Look around in it:`,
        true,
      ),
    );
    context.say(`      ${paint.strong(plainText(context.typed(hold.shell_command)))}`);
  }
}

function sayFailures(context: Context, { failures, run }: Detail): void {
  if (failures.length === 0) return;
  const { paint, width } = context;
  const cut = (text: string, room: number): string => (width === null ? text : cutTo(text, Math.max(20, width - room)));
  context.say();
  for (const failure of failures.slice(0, FAILURES_SHOWN)) {
    const attempts = failure.attempts > 1 ? `   failed ${failure.failed_attempts} of ${failure.attempts} attempts` : '';
    const place = failure.location === null ? '' : `   ${plainText(failure.location)}`;
    const name = cut(plainText(`${failure.suite}: ${failure.name}`), 12 + attempts.length);
    context.say(`  ${painted(testStatus(failure.status, paint, failure.status.padEnd(5)))}  ${name}${attempts}`);
    const message = plainText(failure.message?.split('\n')[0] ?? '');
    if (message !== '' || place !== '') {
      context.say(`      ${paint.quiet(`${cut(message, 6 + place.length)}${place}`.trimStart())}`);
    }
  }
  const more = failures.length - FAILURES_SHOWN;
  if (more > 0) context.say(`  and ${more} more: groundcrew run show ${run.id} --json`);
}

function sayTimeline(context: Context, { timeline, steps }: Detail): void {
  if (timeline.length > 0) {
    const parts = timeline.map(
      ({ part, duration_ms }) => `${plainText(part)}\u00a0${durationText(duration_ms).replaceAll(' ', '\u00a0')}`,
    );
    context.say();
    context.sayAll(wrap(`  ${parts.join(' · ')}`, context.width, '  '));
  }
  if (steps.length === 0) return;
  context.say();
  const rows = steps.map((step) => {
    const took_ms = step.finished_at === null ? null : Date.parse(step.finished_at) - Date.parse(step.started_at);
    const end = step.reason ?? step.signal ?? (step.exit_code === null ? '' : `exit ${step.exit_code}`);
    return [
      `  ${step.name}`,
      runStatus({ state: step.state, verdict: null }, context.paint),
      end,
      durationText(took_ms),
    ];
  });
  const columns = [
    { title: '  Step', least: 12 },
    { title: 'state' },
    { title: 'end' },
    { title: 'took', right: true },
  ];
  context.sayAll(tableLines(columns, rows, context.width, context.paint));
}

function sayFiles(context: Context, { artifacts, log, run }: Detail): void {
  context.say();
  if (artifacts.length > 0) {
    const columns = [
      { title: '  File', least: 20, cut: 'middle' },
      { title: 'kind' },
      { title: 'size', right: true },
    ] as const;
    const rows = artifacts.map(({ path, kind, size }) => [`  ${path}`, kind, formatSize(size)]);
    context.sayAll(tableLines(columns, rows, context.width, context.paint));
    const [only] = artifacts.length === 1 ? artifacts : [];
    const words = ['groundcrew', 'run', 'get', String(run.id), only?.path ?? 'FILE'];
    context.say(plainText(`  fetch ${only === undefined ? 'one' : 'it'}: ${scriptOf(words)}`, true));
    context.say();
  }
  const empty = emptyLog({ log, run });
  if (empty !== null && !log.live) {
    context.say(`  log: ${empty}`);
    return;
  }
  const lines = log.lines === null ? '' : `, ${log.lines} ${log.lines === 1 ? 'line' : 'lines'}`;
  const error = log.first_error_line === null ? '' : `, first error at line ${log.first_error_line}`;
  const size = empty ?? `${formatSize(log.bytes)}${lines}${error}`;
  context.say(`  log: ${size}: groundcrew run log ${log.live ? '-f ' : ''}${run.id}`);
}
