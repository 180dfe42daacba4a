import { dateFrom } from '../../base/clock.ts';
import { formatRequestId } from '../../base/ids.ts';
import type { Services } from '../../flow/services.ts';
import type { NodeEventRow } from '../../nodes/store/list.ts';
import type { CountsView, RunDetail, RunView } from '../../protocol/api/runs.ts';
import { countsOfRuns } from '../../results/store/counts.ts';
import type { RunDetailRow } from '../../runs/store/detail.ts';
import type { RunRow } from '../../runs/store/list.ts';
import type { RunStepsTable } from '../../store/schema/runs.ts';
import { between_ms, time, timeOrNull } from '../app/views.ts';

/** A run as lists show it. */
export function runView(row: RunRow, counts: CountsView | null): RunView {
  return {
    id: row.id,
    project: row.project,
    build: row.build,
    build_id: row.build_id,
    submission_id: row.submission_id,
    job: row.job,
    environment: row.environment,
    attempt: row.attempt,
    state: row.state,
    verdict: row.verdict,
    reason: row.reason,
    node_id: row.node_id,
    held: row.held,
    request_id: row.request_id === null ? null : formatRequestId(row.request_id),
    created_at: time(row.created_at),
    queued_at: timeOrNull(row.queued_at),
    assigned_at: timeOrNull(row.assigned_at),
    started_at: timeOrNull(row.started_at),
    ended_at: timeOrNull(row.ended_at),
    finished_at: timeOrNull(row.finished_at),
    waited_ms: between_ms(row.queued_at, row.assigned_at),
    ran_ms: between_ms(row.started_at, row.ended_at),
    counts,
  };
}

/** Runs with their counts, which are one query for all of them. */
export async function runViews(services: Services, rows: readonly RunRow[]): Promise<RunView[]> {
  const counts = await countsOfRuns(
    services.connection.db,
    rows.map((row) => row.id),
  );
  return rows.map((row) => runView(row, counts.get(row.id) ?? null));
}

/**
 * A step as people see it. One that its agent never ended is over with its run, also in rows that are older than that the
 * run's end wrote it.
 */
export function stepView(step: RunStepsTable, run: RunRow): RunDetail['steps'][number] {
  const open = step.finished_at === null;
  const over = open && run.ended_at !== null;
  const { ordinal, name, exit_code, signal, log_offset } = step;
  const state = over ? (run.verdict === 'timeout' ? 'timeout' : 'cancelled') : step.state;
  const finished_at = over ? later(step.started_at, run.ended_at) : step.finished_at;
  const lost = over || isLost(step, run);
  return {
    ...{ ordinal, name, state, exit_code, signal, log_offset, reason: lost ? 'lost' : null },
    ...{ started_at: time(step.started_at), finished_at: timeOrNull(finished_at) },
  };
}

/** Did the run's end end it (`endSteps`), and not its agent? */
function isLost({ exit_code, signal, state, finished_at }: RunStepsTable, { ended_at, verdict }: RunRow): boolean {
  if (exit_code !== null || signal !== null || finished_at === null || ended_at === null || verdict === null)
    return false;
  return (state === 'cancelled' || state === 'timeout') && finished_at >= ended_at;
}

function later(one: Date, other: Date | null): Date {
  return other === null || one > other ? one : other;
}

/** What an agent does, in this order; what it measured has none, since it was kept as JSON. */
const AGENT_PARTS = ['checkout', 'steps', 'upload'];

/** What a node does until it is ready, by the state in which it does it. */
const NODE_PARTS: Readonly<Record<string, string>> = {
  planned: 'node',
  launching: 'node',
  booting: 'boot',
  checking: 'pre-flight',
};

/** Where the seconds went, in the order in which they did. `events`: of the run's node, oldest first. */
export function timelineOf(detail: RunDetailRow, events: readonly NodeEventRow[]): RunDetail['timeline'] {
  const { run, facts } = detail;
  const parts: RunDetail['timeline'] = [];
  const add = (part: string, from: Date | null, to: Date | null): void => {
    const duration_ms = between_ms(from, to);
    if (from !== null && duration_ms !== null) parts.push({ part, started_at: time(from), duration_ms });
  };
  if (run.queued_at !== null && run.assigned_at !== null)
    parts.push(...waitParts(run.queued_at, run.assigned_at, events));
  add('accepted', run.assigned_at, run.started_at);
  let at_ms = run.started_at?.getTime() ?? null;
  const measured = facts.outcome?.durations_ms ?? {};
  for (const part of [...AGENT_PARTS, ...Object.keys(measured).filter((name) => !AGENT_PARTS.includes(name))]) {
    const duration_ms = measured[part];
    if (at_ms === null || duration_ms === undefined) continue;
    parts.push({ part, started_at: time(dateFrom(at_ms)), duration_ms });
    at_ms += duration_ms;
  }
  // One that never ran has no results to wait for.
  if (run.started_at === null) return parts;
  if (facts.outcome !== null || run.finished_at === null) add('results', run.ended_at, run.finished_at);
  else {
    // Nobody measured it: what is known is when its first step began and when it was last heard of.
    const began = firstStepOf(detail);
    add('checkout', run.started_at, began);
    add('steps', began, run.ended_at);
    add('not heard of', run.ended_at, run.finished_at);
  }
  return parts.filter(({ part, duration_ms }) => part !== 'not heard of' || duration_ms > 0);
}

/** When the first step began, within the time in which the run ran: an agent's clock may differ. */
function firstStepOf({ run, steps }: RunDetailRow): Date | null {
  const { started_at, ended_at } = run;
  const first = steps[0]?.started_at;
  if (first === undefined || started_at === null || ended_at === null) return ended_at;
  return dateFrom(Math.min(ended_at.getTime(), Math.max(started_at.getTime(), first.getTime())));
}

/**
 * The wait for a node, split by what the node did meanwhile: made, booted, checked. One that was ready before was only
 * waited for.
 */
function waitParts(queued_at: Date, assigned_at: Date, events: readonly NodeEventRow[]): RunDetail['timeline'] {
  const [from_ms, to_ms] = [queued_at.getTime(), assigned_at.getTime()];
  const within = (at_ms: number): number => Math.min(to_ms, Math.max(from_ms, at_ms));
  const ready = events.findIndex(({ state }) => NODE_PARTS[state] === undefined);
  const story = ready === -1 ? events : events.slice(0, ready + 1);
  const marks = [
    { part: 'queued', at_ms: from_ms },
    ...story.map(({ state, at }) => ({
      part: NODE_PARTS[state] ?? (at.getTime() > from_ms ? 'assigned' : 'queued'),
      at_ms: within(at.getTime()),
    })),
  ];
  const parts: RunDetail['timeline'] = [];
  marks.forEach(({ part, at_ms }, index) => {
    const duration_ms = (marks[index + 1]?.at_ms ?? to_ms) - at_ms;
    const last = parts.at(-1);
    if (last?.part === part) last.duration_ms += duration_ms;
    else if (duration_ms > 0) parts.push({ part, started_at: time(dateFrom(at_ms)), duration_ms });
  });
  return parts.length > 0 ? parts : [{ part: 'queued', started_at: time(queued_at), duration_ms: 0 }];
}
