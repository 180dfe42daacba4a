import { GroundcrewError } from '../../base/errors/error.ts';
import { complainOfOther } from '../../config/other-file.ts';
import { meantKey } from '../../schema/meant-key.ts';
import { formatPath } from '../../schema/path.ts';
import { MAX_SUBSTITUTED_CHARACTERS } from '../../schema/substitute.ts';
import { type ValidateContext, validate } from '../../schema/validate.ts';
import { countOf, formatProblems, Problems } from '../../schema/yaml/problems.ts';
import { readYaml } from '../../schema/yaml/read.ts';
import { childOf, type Entry, type MapTree, quote, type Tree } from '../../schema/yaml/tree.ts';
import { expandJob, type FileFacts } from './expand.ts';
import { type Combination, MAX_JOBS, readMatrix } from './matrix.ts';
import { checkOrder, type NamedJob } from './order.ts';
import type { PlannedJob, SubmissionPlan } from './plan.ts';
import { jobFileSection, SHARED_KEYS } from './schema.ts';
import { SharedPlaces } from './shared-places.ts';
import { jobSubstitutions, type Variables } from './variables.ts';

/** Largest job file. */
export const MAX_JOB_FILE_BYTES = 256 * 2 ** 10;
/** Largest plan, all combinations written out. */
const MAX_PLAN_CHARACTERS = 32 * 2 ** 20;
/** Keys that are the file's, not a job's. */
const FILE_KEYS: readonly string[] = ['project', 'build', 'checkout', 'name', 'jobs'];

/** What a job says, when it is the only one and stands at the top. */
const JOB_KEYS: readonly string[] = [...SHARED_KEYS, 'steps'];

/**
 * The plan of a job file. `file` is its name in messages; `variables` is the environment of whoever submits it.
 * Throws GC1601 with every problem as `file:line:col  path: message`.
 */
export function parseJobFile(text: string, file: string, variables: Variables): SubmissionPlan {
  const problems = new Problems();
  const plan = readJobFile(text, file, variables, problems);
  const errors = problems.list('error');
  if (plan !== null && errors.length === 0) return plan;
  throw new GroundcrewError('GC1601', {
    file,
    count: countOf(errors.length, 'problem'),
    problems: formatProblems(errors).join('\n'),
  });
}

/** Names of the variables that a job file uses and that its matrices do not give: what has to be sent along with it. */
export function variablesOfJobFile(text: string, file: string): string[] {
  const asked = new Set<string>();
  // Every variable has a value here, so that no place is missed behind another problem.
  const recorder = new Proxy<Record<string, string>>(
    {},
    {
      getOwnPropertyDescriptor(_target, name) {
        asked.add(String(name));
        return { value: 'x', configurable: true, enumerable: true };
      },
      get: () => 'x',
    },
  );
  readJobFile(text, file, recorder, new Problems());
  return [...asked];
}

function readJobFile(text: string, file: string, variables: Variables, problems: Problems): SubmissionPlan | null {
  if (Buffer.byteLength(text) > MAX_JOB_FILE_BYTES) {
    const place = { source: { file, text: '' }, offset: 0 };
    problems.add(place, '', `the file is too large: ${MAX_JOB_FILE_BYTES} bytes are the most`);
    return null;
  }
  const tree = readYaml({ file, text }, problems);
  if (tree === null || complainOfOther(tree, 'job file', problems)) return null;
  const context = {
    problems,
    substitutions: jobSubstitutions(variables, {}, { characters: MAX_SUBSTITUTED_CHARACTERS }),
  };
  const values = validate(jobFileSection, tree, context);
  if (tree.kind !== 'map') return null;
  const named = jobsOf(tree, values?.name ?? 'main', problems);
  checkOrder(named, problems);
  // With a broken head, the jobs are still looked at, so that everything is told at once.
  const { project = '', build = '', checkout } = values ?? {};
  const facts: FileFacts = { project, build, checkout: checkout !== undefined, variables };
  const jobs = expandAll(tree, named, facts, { ...context, problems: new SharedPlaces(problems, tree) });
  if (values === undefined || jobs === null) return null;
  return { project, build, checkout: checkout === undefined ? null : { directory: checkout }, jobs };
}

/** The jobs as they are written: each below `jobs` with what it takes from the top, or the one at the top. */
function jobsOf(tree: MapTree, name: string, problems: Problems): NamedJob[] {
  const jobs = childOf(tree, 'jobs');
  if (jobs === null) {
    const entries = tree.entries.filter((entry) => !FILE_KEYS.includes(entry.key) && isJobKey(entry.key));
    return [{ name, tree: { ...tree, entries: [...entries, ...meantEntries(tree, JOB_KEYS)] }, path: [] }];
  }
  for (const entry of tree.entries) {
    if (!['steps', 'name'].includes(entry.key)) continue;
    problems.add(entry.key_place, entry.key, 'belongs to a job; put it below "jobs"');
  }
  const named = jobs.kind === 'map' ? jobs.entries : [];
  if (named.length === 0 && (jobs.kind === 'map' || (jobs.kind === 'scalar' && jobs.value === null))) {
    problems.add(jobs.place, 'jobs', 'is empty; name at least one job');
  }
  const shared = tree.entries.filter((entry) => SHARED_KEYS.includes(entry.key));
  shared.push(...meantEntries(tree, SHARED_KEYS));
  return named.map(({ key, value }) => ({ name: key, tree: inherit(value, shared), path: ['jobs', key] }));
}

/** Keys that the file's own schema knows; the others it has complained about. */
function isJobKey(key: string): boolean {
  return JOB_KEYS.includes(key);
}

/** What misspelled keys at the top were meant to be: it was complained about, and is not missing in each job as well. */
function meantEntries(tree: MapTree, wanted: readonly string[]): Entry[] {
  const known = [...FILE_KEYS, ...JOB_KEYS];
  const written = new Set(tree.entries.map((entry) => entry.key));
  return tree.entries.flatMap(({ key, key_place }): Entry[] => {
    const meant = known.includes(key) ? null : meantKey(key, known);
    if (meant === null || !wanted.includes(meant) || written.has(meant)) return [];
    const nothing = { kind: 'scalar', place: key_place, value: null, written: '', substituted_from: null } as const;
    return [{ key: meant, key_place, value: { ...nothing, broken: true } }];
  });
}

/** A job's own keys come first; `env` is joined. */
function inherit(job: Tree, shared: readonly Entry[]): Tree {
  if (job.kind !== 'map') return job;
  const own = new Map(job.entries.map((entry) => [entry.key, entry]));
  for (const entry of shared) {
    const mine = own.get(entry.key);
    if (mine === undefined) own.set(entry.key, entry);
    else if (entry.key === 'env') own.set('env', { ...mine, value: joinMaps(mine.value, entry.value) });
  }
  return { ...job, entries: [...own.values()] };
}

function joinMaps(own: Tree, shared: Tree): Tree {
  if (own.kind !== 'map' || shared.kind !== 'map') return own;
  const names = new Set(own.entries.map((entry) => entry.key));
  return { ...own, entries: [...shared.entries.filter((entry) => !names.has(entry.key)), ...own.entries] };
}

function expandAll(
  tree: Tree,
  named: readonly NamedJob[],
  facts: FileFacts,
  context: ValidateContext,
): PlannedJob[] | null {
  const jobs: PlannedJob[] = [];
  const names = new Map<string, Set<string>>();
  let characters = 0;
  // Complained about already.
  if (named.length > MAX_JOBS) return null;
  for (const job of named) {
    const mine = new Set<string>();
    names.set(job.name, mine);
    for (const planned of expandJob(job, combinationsOf(job, context), facts, context)) {
      jobs.push(planned);
      mine.add(planned.name);
      characters += JSON.stringify(planned).length;
      if (jobs.length <= MAX_JOBS && characters <= MAX_PLAN_CHARACTERS) continue;
      const message =
        jobs.length > MAX_JOBS ? `makes more than ${MAX_JOBS} jobs` : 'is too large, all jobs written out';
      context.problems.add(tree.place, formatPath(job.path), `the file ${message}`);
      return null;
    }
    complainOfTwins(job, jobs, context);
  }
  // `after` names jobs of the file; in the plan, all that came of them.
  return jobs.map((job) => ({
    ...job,
    after: [...new Set(job.after.flatMap((name) => [...(names.get(name) ?? [])]))],
  }));
}

/** Two combinations may come out under one name when values have commas in them. */
function complainOfTwins(job: NamedJob, jobs: readonly PlannedJob[], { problems }: ValidateContext): void {
  const seen = new Set<string>();
  for (const { name, environment } of jobs) {
    const both = JSON.stringify([name, environment]);
    if (seen.has(both)) {
      const message = `two combinations of its matrix are both called ${quote(name)} in the environment ${quote(environment)}`;
      problems.add(job.tree.place, formatPath(job.path), message);
    }
    seen.add(both);
  }
}

/** No matrix: one combination of nothing. A broken one: null. */
function combinationsOf(job: NamedJob, context: ValidateContext): readonly Combination[] | null {
  const matrix = childOf(job.tree, 'matrix');
  if (matrix === null) return [{}];
  return readMatrix(matrix, [...job.path, 'matrix'], context);
}
