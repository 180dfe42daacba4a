import { createHash } from 'node:crypto';
import { GroundcrewError } from '../../base/errors/error.ts';
import type { BuildId, EnvironmentId, JobId, ProjectId, RequestId, RunId, SubmissionId } from '../../base/ids.ts';
import { reopenBuild, upsertBuild, upsertEnvironments, upsertProject } from '../../builds/store/life.ts';
import { type PossiblePool, whyImpossible } from '../../requests/impossible.ts';
import { createRequest, insertRequestsOfRuns, refuseRequests } from '../../requests/store/life.ts';
import { type PlannedHoldRule, SUBMITTER, type SubmissionPlan } from '../../runs/jobfile/plan.ts';
import { checkOrder } from '../../runs/plan.ts';
import { insertFirstRuns, setRunRequests } from '../../runs/store/life.ts';
import {
  findSubmission,
  firstRunsOfSubmission,
  insertDependencies,
  insertJobs,
  insertSubmission,
} from '../../runs/store/submission.ts';
import { notify } from '../../store/notify.ts';
import type { Tx } from '../../store/schema/database.ts';
import { possiblePools } from '../allocate/possible-pools.ts';
import { otherConfigurationPlans } from '../fleet/configuration.ts';
import type { Services } from '../services.ts';

export interface SubmitOptions {
  submitted_by: string;
  /** The submitter's same key gives the same answer again, however often it is sent. Null: every call is new work. */
  idempotency_key: string | null;
  /** Key of the sources' archive in the object store, when a job of the plan fetches them. */
  checkout_blob: string | null;
}

export interface Submitted {
  submission_id: SubmissionId;
  build_id: BuildId;
  /** The first run of each job, in the plan's order. */
  runs: RunId[];
  /** Those that nothing in this server's configuration could ever serve, also ones that wait for others first. */
  impossible: { run_id: RunId; reason: string }[];
}

/** Of the jobs of one submission on each other: each is a row. */
const DEPENDENCIES_MOST = 20_000;

const SLUG = /^[a-z0-9][a-z0-9._~-]*(\/[a-z0-9][a-z0-9._~-]*)+$/;

/**
 * Makes the jobs of a plan and their first runs, in one transaction: those that come after nothing are queued with a
 * request at once, the others wait. A request that this server's configuration can never serve is refused at once: whoever
 * mistyped a label hears of it; not while another configuration is planned by, which may have it. A build that was finished is open again.
 * Errors: GC1641 a plan that cannot run, GC1640 an idempotency key that was used for other work.
 */
export async function submit(services: Services, plan: SubmissionPlan, options: SubmitOptions): Promise<Submitted> {
  refuseImpossible(plan, options);
  const impossible = (await otherConfigurationPlans(services))
    ? new Map<string, string>()
    : impossibleExpressions(plan, possiblePools(services.config()));
  const submitted = await services.connection.db.transaction().execute(async (tx) => {
    const project_id = await upsertProject(tx, plan.project);
    const build_id = await upsertBuild(tx, project_id, plan.build);
    const plan_hash = createHash('sha256')
      .update(JSON.stringify([plan, options.checkout_blob]))
      .digest();
    const submission_id = await insertSubmission(tx, { ...options, build_id, plan_hash });
    if (submission_id === null) return await earlierSubmission(tx, options, plan_hash);
    await reopenBuild(tx, build_id);
    const runs = await insertWork(tx, plan, {
      project_id,
      build_id,
      submission_id,
      requester: options.submitted_by,
      impossible,
    });
    await notify(tx, 'allocate', '');
    await notify(tx, 'build', String(build_id));
    return { submission_id, build_id, runs, again: false };
  });
  const { again, ...answer } = submitted;
  services.log.info({ submission: answer.submission_id, project: plan.project, build: plan.build, again }, 'submitted');
  return { ...answer, impossible: impossibleRuns(plan, answer.runs, impossible) };
}

/** Why nothing could ever serve an expression of the plan, by expression; the others are not in it. */
function impossibleExpressions(plan: SubmissionPlan, pools: readonly PossiblePool[]): Map<string, string> {
  const impossible = new Map<string, string>();
  for (const expression of new Set(plan.jobs.map((job) => job.expression))) {
    const reason = whyImpossible([expression], pools);
    if (reason !== null) impossible.set(expression, reason);
  }
  return impossible;
}

function impossibleRuns(
  plan: SubmissionPlan,
  runs: readonly RunId[],
  impossible: ReadonlyMap<string, string>,
): Submitted['impossible'] {
  return plan.jobs.flatMap((job, index) => {
    const run_id = runs[index];
    const reason = impossible.get(job.expression);
    return run_id === undefined || reason === undefined ? [] : [{ run_id, reason }];
  });
}

function refuseImpossible(plan: SubmissionPlan, options: SubmitOptions): void {
  const refuse = (problem: string): never => {
    throw new GroundcrewError('GC1641', { problem });
  };
  if (!SLUG.test(plan.project)) refuse(`the project "${plan.project}" is not of the form group/project, in lower case`);
  if (plan.build === '') refuse('it names no build');
  if (plan.jobs.length === 0) refuse('it has no job');
  const dependencies = countDependencies(plan);
  if (dependencies > DEPENDENCIES_MOST) {
    refuse(`its jobs come after each other ${dependencies} times, and ${DEPENDENCIES_MOST} are the most`);
  }
  const { unknown, circle } = checkOrder(plan.jobs);
  if (unknown.length > 0) refuse(`it comes after jobs that it does not have: ${unknown.join(', ')}`);
  if (circle.length > 0) refuse(`its jobs come after each other in a circle: ${circle.join(', ')}`);
  if (options.checkout_blob === null && plan.jobs.some((job) => job.spec.checkout)) {
    refuse('its jobs fetch the sources, but no archive of them came with it');
  }
  const seen = new Set<string>();
  for (const job of plan.jobs) {
    const key = JSON.stringify([job.name, job.environment]);
    if (seen.has(key)) refuse(`the job "${job.name}" is there twice for the environment "${job.environment}"`);
    seen.add(key);
  }
}

// A job comes after all combinations of the matrix of another.
function countDependencies({ jobs }: SubmissionPlan): number {
  const counts = new Map<string, number>();
  for (const { name } of jobs) counts.set(name, (counts.get(name) ?? 0) + 1);
  return jobs.flatMap((job) => [...new Set(job.after)]).reduce((sum, name) => sum + (counts.get(name) ?? 0), 0);
}

type Inserted = Omit<Submitted, 'impossible'> & { again: boolean };

async function earlierSubmission(tx: Tx, options: SubmitOptions, plan_hash: Buffer): Promise<Inserted> {
  const key = options.idempotency_key as string;
  const earlier = await findSubmission(tx, options.submitted_by, key);
  if (earlier === null || !earlier.plan_hash?.equals(plan_hash)) throw new GroundcrewError('GC1640', { key });
  const runs = await firstRunsOfSubmission(tx, earlier.id);
  return { submission_id: earlier.id, build_id: earlier.build_id, runs, again: true };
}

interface Parents {
  project_id: ProjectId;
  build_id: BuildId;
  submission_id: SubmissionId;
  requester: string;
  /** By expression, why nothing could ever serve it. */
  impossible: ReadonlyMap<string, string>;
}

/** A fixed number of statements, for any number of jobs. */
async function insertWork(tx: Tx, plan: SubmissionPlan, parents: Parents): Promise<RunId[]> {
  const { project_id, requester, impossible } = parents;
  const environments = await upsertEnvironments(
    tx,
    project_id,
    plan.jobs.map((job) => job.environment),
  );
  const jobs = plan.jobs.map(({ name, environment, expression, spec, retries, hold }) => {
    const environment_id = environments.get(environment) as EnvironmentId;
    return { environment_id, name, expression, spec, retries, hold: hold && ownedBy(requester, hold) };
  });
  const ids = await insertJobs(tx, parents, jobs);
  const dependencies = dependenciesOf(plan, ids);
  await insertDependencies(tx, dependencies);
  const waiting = new Set(dependencies.map((dependency) => dependency.job_id));
  const runs = await insertFirstRuns(
    tx,
    ids.map((job_id) => ({ job_id, state: waiting.has(job_id) ? 'waiting' : 'queued' })),
  );
  const first = plan.jobs.flatMap(({ expression }, index) => {
    if (waiting.has(ids[index] as JobId)) return [];
    return [{ run_id: runs[index] as RunId, expression, requester }];
  });
  const expressions = new Map(first.map(({ run_id, expression }) => [run_id, expression]));
  const requests = await insertRequestsOfRuns(tx, first);
  // The reaper ends the runs of refused requests.
  const refused = requests.flatMap(({ run_id, request_id: id }) => {
    const reason = impossible.get(expressions.get(run_id) as string);
    return reason === undefined ? [] : [{ id, reason }];
  });
  await refuseRequests(tx, refused);
  await setRunRequests(tx, requests);
  return runs;
}

// A job comes after all combinations of the matrix of another.
function dependenciesOf({ jobs }: SubmissionPlan, ids: readonly JobId[]): { job_id: JobId; after_job_id: JobId }[] {
  const idsByName = new Map<string, JobId[]>();
  for (const [index, { name }] of jobs.entries()) {
    const known = idsByName.get(name);
    if (known === undefined) idsByName.set(name, [ids[index] as JobId]);
    else known.push(ids[index] as JobId);
  }
  return jobs.flatMap(({ after }, index) =>
    [...new Set(after)]
      .flatMap((name) => idsByName.get(name) ?? [])
      .map((after_job_id) => ({ job_id: ids[index] as JobId, after_job_id })),
  );
}

// `me` in a job file is whoever hands it in.
function ownedBy(submitter: string, hold: PlannedHoldRule): PlannedHoldRule {
  const named = (name: string): string => (name === SUBMITTER ? submitter : name);
  return { ...hold, owner: named(hold.owner), keys: hold.keys.map(named) };
}

interface RunRequest {
  run_id: RunId;
  expression: string;
  requester: string;
}

/** Asks for a node for a run that is queued; the allocator is told by whoever commits. */
export async function requestNode(tx: Tx, run: RunRequest): Promise<RequestId> {
  const request_id = await createRequest(tx, {
    expressions: [run.expression],
    requester: run.requester,
    priority: 0,
    run_id: run.run_id,
  });
  await setRunRequests(tx, [{ run_id: run.run_id, request_id }]);
  return request_id;
}
