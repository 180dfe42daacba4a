import type { Operations } from '../protocol/client.generated.ts';
import { shownJobName } from '../protocol/job-name.ts';
import type { Client } from './connect.ts';
import type { Context } from './context.ts';
import { isColoured } from './context.ts';
import { EXIT } from './exit-status.ts';
import { followRuns, type Run, type RunDetail } from './follow-runs.ts';
import { Interrupted } from './tell-error.ts';
import { plainText } from './text/plain.ts';
import { Screen } from './text/screen.ts';
import { countSigns, countsText, painted, runStatus, testSign } from './text/status.ts';
import { coarse, durationText } from './text/time.ts';
import { cutTo, padTo, widthOf } from './text/width.ts';
import { whatChanged } from './what-changed.ts';

type Submission = Operations['submit']['answer'];

const FAILURES_SHOWN = 5;
/** Runs that are shown while they go on. */
const GOING_ON_SHOWN = 8;

/**
 * Follows a submission to its end: a line a run as it ends, and on a terminal below them what goes on. Answers the exit
 * status. With JSON, a line for the submission and one for each run that ended.
 */
export async function waitForRuns(context: Context, client: Client, submission: Submission): Promise<number> {
  const { clock } = context;
  const interruption = context.home.interruption();
  const screen = new Screen(context.home.stdout, isColoured(context.home, context.flags) ? {} : { NO_COLOR: '1' });
  const names = Math.max(...submission.runs.map((run) => widthOf(nameOf(run))));
  let going: readonly Run[] = submission.runs;
  const draw = (): void => screen.change(goingLines(context, going, names));
  if (context.json) context.sayEvent(submission);
  else {
    context.say(headOf(submission));
    noteImpossible(context, submission);
  }
  const timer = context.json ? null : clock.every(1000, draw, { background: true });
  if (!context.json) draw();
  try {
    const ended = await followRuns(client, submission.runs, clock, interruption, {
      changed(run, all) {
        going = all;
        if (context.json) return;
        if (!screen.terminal && run.state === 'running') screen.line(`▸ ${nameOf(run)} runs on ${run.node_id ?? '–'}`);
        draw();
      },
      finished(detail, next) {
        going = going.filter((run) => run.id !== detail.run.id);
        if (context.json) return context.sayEvent(detail);
        for (const line of endLines(context, detail, next, names)) screen.line(line);
        draw();
      },
      away: () => context.note('The server does not answer; the runs go on, and so does this when it is back.'),
    });
    if (interruption.aborted) {
      screen.change([]);
      context.note(`The runs go on. End them with: groundcrew job cancel ${submission.id}`);
      throw new Interrupted();
    }
    if (!context.json) {
      screen.change([]);
      await sayComparison(context, client, submission);
    }
    if (submission.impossible.length > 0) return EXIT.error;
    return ended.every((run) => run.verdict === 'passed') ? EXIT.fine : EXIT.failed;
  } finally {
    timer?.stop();
    if (!context.json) screen.change([]);
  }
}

/** Tells of runs that can never be served, before anybody waits for them. */
export function noteImpossible(context: Context, { impossible, runs }: Submission): void {
  for (const { run_id, reason } of impossible) {
    const run = runs.find(({ id }) => id === run_id);
    const name = run === undefined ? '' : ` (${run.environment}, job ${run.job})`;
    context.note(context.paint.bad(plainText(`! run ${run_id}${name} can never be served: ${reason}`)));
  }
}

/** What to type next to see what changed, when something can be compared. */
async function sayComparison(context: Context, client: Client, { build_id }: Submission): Promise<void> {
  try {
    const line = await whatChanged(client, await client.call('getBuild', { path: { id: build_id } }));
    if (line !== null) context.say(context.typed(line));
  } catch {
    // The runs have ended, and their verdicts are said: a hint is not worth an error.
  }
}

function headOf({ id, project, build, runs }: Submission): string {
  return plainText(`Submission ${id}: ${project}@${build}, ${runs.length} run${runs.length === 1 ? '' : 's'}`);
}

function nameOf(run: Run): string {
  return plainText(run.job === 'main' ? run.environment : shownJobName(run));
}

function goingLines(context: Context, runs: readonly Run[], names: number): string[] {
  const open = runs.filter((run) => run.state !== 'finished');
  const lines = open.slice(0, GOING_ON_SHOWN).map((run) => {
    const since_ms = context.clock.now_ms() - Date.parse(run.started_at ?? run.created_at);
    const where = run.node_id === null ? '' : ` on ${run.node_id}`;
    return context.paint.quiet(`· ${padTo(nameOf(run), names)}  ${run.state}${where}  ${coarse(since_ms)}`);
  });
  const more = open.length - GOING_ON_SHOWN;
  return more > 0 ? [...lines, context.paint.quiet(`  and ${more} more`)] : lines;
}

/** How a run ended, and when it did not pass, what to look at. */
function endLines(context: Context, detail: RunDetail, next: number | null, names: number): string[] {
  const { run, failures, hold } = detail;
  const { paint } = context;
  // Lines on the screen are indented by two.
  const width = context.width === null ? null : context.width - 2;
  const cut = (text: string): string => (width === null ? text : cutTo(text, width));
  const times = `run ${run.id}   waited ${durationText(run.waited_ms)}   ran ${durationText(run.ran_ms)}`;
  const head = (counts: string): string =>
    `${padTo(nameOf(run), names)}  ${painted(runStatus(run, paint))}  ${counts}   ${paint.quiet(times)}`;
  const long = head(countsText(run.counts));
  const lines = [width === null || widthOf(long) <= width ? long : head(countSigns(run.counts))];
  if (run.verdict === 'passed') return lines;
  if (run.reason !== null) lines.push(cut(`    ${plainText(run.reason)}`));
  for (const failure of failures.slice(0, FAILURES_SHOWN)) {
    lines.push(cut(`    ${testSign(failure.status)} ${plainText(`${failure.suite}: ${failure.name}`)}`));
    const message = plainText(failure.message?.split('\n')[0] ?? '');
    if (message !== '') lines.push(paint.quiet(cut(`      ${message}`)));
  }
  const more = failures.length - FAILURES_SHOWN;
  if (more > 0) lines.push(context.typed(`    and ${more} more: groundcrew run show ${run.id}`));
  if (next !== null) return [...lines, `    done again as run ${next}`];
  // One that never ran has no log.
  if (run.started_at !== null) lines.push(context.typed(`    log: groundcrew run log ${run.id}`));
  if (hold !== null) lines.push(`    look around on its node: ${plainText(context.typed(hold.shell_command))}`);
  return lines;
}
