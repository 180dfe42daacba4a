import { shownJobName } from '../protocol/job-name.ts';
import type { HoldRule } from '../store/schema/runs.ts';
import type { RunVerdict } from './state.ts';
import type { Judgement } from './verdict.ts';

/** `holds:` of the configuration. */
export interface ConfiguredHold {
  on: 'failure';
  /** Glob over the project's name: `*` within one part, `**` over any. */
  project: string;
  for_ms: number;
  /** Live holds that the rule may have at a time. */
  at_most: number;
}

export interface PlannedHold {
  owner: string;
  reason: string;
  duration_ms: number;
  /** The configuration's rule whose budget it counts against; the verdict's transaction counts. */
  rule?: { name: string; at_most: number };
}

export interface HoldQuestion {
  run_id: number;
  project: string;
  submitted_by: string;
  judgement: Judgement;
  job_rule: HoldRule | null;
  rules: readonly ConfiguredHold[];
  /** Live holds under each rule, by its `project`. */
  live_holds: ReadonlyMap<string, number>;
}

/**
 * Is the node kept for a person? Only after `failed` and `timeout`: the machine then shows why. The job's own rule
 * comes first and has no budget; else the first rule of the configuration that names the project and has room. When
 * none has room, the first one is answered all the same: the verdict's transaction counts again, and says so.
 */
export function planHold(question: HoldQuestion): PlannedHold | null {
  const { run_id, project, submitted_by, judgement, job_rule, rules, live_holds } = question;
  if (judgement.verdict !== 'failed' && judgement.verdict !== 'timeout') return null;
  const reason = `run ${run_id} ${judgement.verdict === 'failed' ? 'failed' : 'timed out'}: ${judgement.reason}`;
  if (job_rule) return { owner: job_rule.owner, reason, duration_ms: job_rule.duration_ms };
  const fitting = rules.filter((rule) => fitsProject(rule.project, project));
  const rule = fitting.find((candidate) => (live_holds.get(candidate.project) ?? 0) < candidate.at_most) ?? fitting[0];
  if (!rule) return null;
  const { project: name, at_most } = rule;
  return { owner: submitted_by, reason, duration_ms: rule.for_ms, rule: { name, at_most } };
}

/** Does a glob name this project? `*` stands for anything within one part of the name, `**` for any parts, `?` for one character. */
export function fitsProject(glob: string, project: string): boolean {
  const pattern = glob.replace(/\*\*|\*|\?|[^*?]+/g, (piece) => {
    if (piece === '**') return '.*';
    if (piece === '*') return '[^/]*';
    if (piece === '?') return '[^/]';
    return piece.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${pattern}$`).test(project);
}

/**
 * Is a run tried again on another node? Only when it was no fault of the tests (`infra`), nobody asked it to end, and
 * the job still has retries: attempt 1 is no retry.
 */
export function planRetry(run: {
  verdict: RunVerdict;
  attempt: number;
  retries: number;
  cancel_requested: boolean;
}): boolean {
  return run.verdict === 'infra' && !run.cancel_requested && run.attempt <= run.retries;
}

/** Hand-outs that may stay without an answer before the run counts as `infra`. */
export const HANDOUTS_MAX = 3;

export type DependantPlan = { action: 'wait' } | { action: 'queue' } | { action: 'skip'; reason: string };

/** A job that another one comes after, and what its last run has come to. */
export interface EarlierJob {
  job: string;
  environment: string;
  /** Null: none yet. */
  verdict: RunVerdict | null;
  reason: string | null;
  /** Did its payload ever start? */
  began: boolean;
}

/** What becomes of a waiting job, given each job that it comes after. */
export function planDependant(before: readonly EarlierJob[]): DependantPlan {
  const bad = before.find(({ verdict }) => verdict !== null && verdict !== 'passed');
  if (bad) return { action: 'skip', reason: `it comes after ${shownJobName(bad)}, which ${ended(bad)}` };
  return before.every(({ verdict }) => verdict === 'passed') ? { action: 'queue' } : { action: 'wait' };
}

function ended({ verdict, reason, began }: EarlierJob): string {
  if (verdict === 'timeout') return 'timed out';
  if (verdict === 'infra') return `${began ? 'ended as infra' : 'never ran'}${reason === null ? '' : `: ${reason}`}`;
  if (verdict === 'cancelled' || verdict === 'skipped') return `was ${verdict}`;
  return 'failed';
}

/**
 * Job names that a submission names in `after:` and does not have, and one circle of jobs that wait for each other,
 * if there is any. Both empty: every job can start some day.
 */
export function checkOrder(jobs: readonly { name: string; after: readonly string[] }[]): {
  unknown: string[];
  circle: string[];
} {
  const after = new Map<string, Set<string>>();
  for (const job of jobs) {
    const names = after.get(job.name) ?? new Set();
    for (const name of job.after) names.add(name);
    after.set(job.name, names);
  }
  const unknown = [...after.values()].flatMap((names) => [...names].filter((name) => !after.has(name)));
  const remaining = new Map([...after].map(([name, names]) => [name, new Set(names)]));
  for (let found = true; found; ) {
    found = false;
    for (const [name, names] of remaining) {
      if ([...names].some((other) => remaining.has(other))) continue;
      remaining.delete(name);
      found = true;
    }
  }
  return { unknown: [...new Set(unknown)], circle: circleIn(remaining) };
}

// What remains may also hold jobs that only come after a circle: walk from any until a name comes again.
function circleIn(remaining: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const walked: string[] = [];
  let name = remaining.keys().next().value;
  while (name !== undefined && !walked.includes(name)) {
    walked.push(name);
    name = [...(remaining.get(name) as ReadonlySet<string>)].find((other) => remaining.has(other));
  }
  return name === undefined ? [] : walked.slice(walked.indexOf(name));
}
