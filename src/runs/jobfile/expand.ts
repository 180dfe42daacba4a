import { formatExpression, parseExpression } from '../../labels/expression.ts';
import type { RunSpec, StepSpec } from '../../protocol/job.ts';
import { formatPath } from '../../schema/path.ts';
import { type ValidateContext, validate } from '../../schema/validate.ts';
import { childOf, countNodes } from '../../schema/yaml/tree.ts';
import type { Combination } from './matrix.ts';
import type { NamedJob } from './order.ts';
import { type PlannedHoldRule, type PlannedJob, SUBMITTER } from './plan.ts';
import { type JobFileJob, jobSection } from './schema.ts';
import { jobSubstitutions, type Variables } from './variables.ts';

/** Most values that are looked at, all combinations together: what is more is refused before it costs time. */
const MAX_VALUES = 500_000;
/** Most characters of environment variables of a job, or of a step: the kernel takes little more. */
const MAX_ENV_CHARACTERS = 512 * 1024;
const DEFAULT_STEP_TIMEOUT_MS = 3_600_000;

/** What all jobs of the file share. */
export interface FileFacts {
  readonly project: string;
  readonly build: string;
  readonly checkout: boolean;
  readonly variables: Variables;
}

/**
 * A job of the file with its combinations, and what came of each. Those with problems are left out and reported.
 * `combinations` is null when the matrix is broken: then no job comes of it, and what does not hang on the matrix is judged.
 */
export function* expandJob(
  job: NamedJob,
  combinations: readonly Combination[] | null,
  facts: FileFacts,
  context: ValidateContext,
): Generator<PlannedJob> {
  if (combinations === null) {
    const known = jobSubstitutions(facts.variables, {}, context.substitutions.budget);
    validate(jobSection, job.tree, { ...context, substitutions: { ...known, incomplete: true } }, job.path);
    return;
  }
  const matrix = childOf(job.tree, 'matrix');
  const values_once = countNodes(job.tree) - (matrix === null ? 0 : countNodes(matrix));
  if (values_once * combinations.length > MAX_VALUES) {
    context.problems.add(job.tree.place, formatPath(job.path), 'is too large for so many combinations of its matrix');
    return;
  }
  for (const combination of combinations) {
    const substitutions = jobSubstitutions(facts.variables, combination, context.substitutions.budget);
    const values = validate(jobSection, job.tree, { ...context, substitutions }, job.path);
    if (values === undefined) continue;
    const planned = planJob(job.name, values, combination, facts);
    const sizes = [planned.spec.env, ...planned.spec.steps.map((step) => step.env)].map(characterCount);
    if (sizes.every((size) => size <= MAX_ENV_CHARACTERS)) {
      yield planned;
    } else {
      const message = `is too large: ${MAX_ENV_CHARACTERS} characters are the most`;
      context.problems.add(job.tree.place, formatPath([...job.path, 'env']), message);
    }
  }
}

function characterCount(env: Record<string, string>): number {
  return Object.entries(env).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}

function planJob(base: string, values: JobFileJob, combination: Combination, facts: FileFacts): PlannedJob {
  const environment = values.environment ?? combination.environment ?? 'default';
  const name = jobName(base, combination, values.environment !== undefined);
  const { project, build, checkout } = facts;
  const spec: RunSpec = {
    project,
    build,
    job: name,
    environment,
    env: { ...combination, ...values.env },
    checkout,
    steps: values.steps.map(planStep),
    results: values.results.map((result) =>
      typeof result === 'string'
        ? { path: result, format: null }
        : { ...result, format: result.format === 'auto' ? null : result.format },
    ),
    artifacts: [...values.artifacts],
    timeout_ms: values.timeout,
  };
  const expression = formatExpression(parseExpression(values.nodes));
  const { retries, after } = values;
  return { name, environment, expression, spec, hold: planHoldRule(values.on_failure), retries, after };
}

/** The environment is told apart by itself, unless the job gives it another name than the matrix. */
function jobName(base: string, combination: Combination, hasOwnEnvironment: boolean): string {
  const told = Object.entries(combination).filter(([axis]) => axis !== 'environment' || hasOwnEnvironment);
  return told.length === 0 ? base : `${base} (${told.map(([, value]) => value).join(', ')})`;
}

function planStep(step: JobFileJob['steps'][number]): StepSpec {
  if (typeof step === 'string') {
    return { name: firstLine(step), run: step, timeout_ms: DEFAULT_STEP_TIMEOUT_MS, env: {} };
  }
  return { name: step.name ?? firstLine(step.run), run: step.run, timeout_ms: step.timeout, env: { ...step.env } };
}

/** A step without a name is called by its script. */
function firstLine(script: string): string {
  const line =
    script
      .split('\n')
      .map((part) => part.trim())
      .find((part) => part !== '') ?? 'script';
  const characters = [...line.replace(/\p{C}/gu, ' ')];
  return characters.length > 80 ? `${characters.slice(0, 79).join('')}…` : characters.join('');
}

function planHoldRule(failure: JobFileJob['on_failure']): PlannedHoldRule | null {
  if (failure === undefined) return null;
  const keys = failure.keys.length === 0 ? [SUBMITTER] : failure.keys;
  return { duration_ms: failure.hold, owner: keys[0] as string, keys: [...keys] };
}
