import type { Kept, KeptRun } from '../../turn/kept.ts';

/** Of the agent's own environment only these reach the payload. */
const INHERITED = ['PATH', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'TMPDIR', 'TERM', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];

/** `NAME=value` in every process of a run. Random, since nodes without isolation may share a machine. */
export function runMarker(marker: string): string {
  return `GROUNDCREW_MARKER=${marker}`;
}

/** What tasks, steps and shells start with: the node's own, then its configured environment. */
export function nodeEnvironment(kept: Kept, own: NodeJS.ProcessEnv): Record<string, string> {
  const environment: Record<string, string> = { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' };
  for (const name of INHERITED) {
    const value = own[name];
    if (value !== undefined) environment[name] = value;
  }
  environment.HOME = kept.settings.workspace;
  if (kept.node_id !== null) environment.GROUNDCREW_NODE = kept.node_id;
  return { ...environment, ...kept.env };
}

/** A step's environment: the node's, the run's words about itself, the job's, the step's; the later wins. */
export function stepEnvironment(
  kept: Kept,
  run: Pick<KeptRun, 'assignment' | 'marker'>,
  step_env: Record<string, string>,
  own: NodeJS.ProcessEnv,
): Record<string, string> {
  const { spec, run_id } = run.assignment;
  return {
    ...nodeEnvironment(kept, own),
    CI: 'true',
    GROUNDCREW_RUN: String(run_id),
    GROUNDCREW_PROJECT: spec.project,
    GROUNDCREW_BUILD: spec.build,
    GROUNDCREW_JOB: spec.job,
    GROUNDCREW_ENVIRONMENT: spec.environment,
    ...spec.env,
    ...step_env,
    GROUNDCREW_MARKER: run.marker,
  };
}

/**
 * Where the run works: below the workspace, named after the project, so that paths in a log mean something. Each slot
 * beyond the first has a directory of its own.
 */
export function runDirectory(workspace: string, project: string, slot: number): string {
  const name = project.split('/').at(-1) ?? '';
  return `${workspace}${slot === 0 ? '' : `/slot-${slot}`}/${/^[a-zA-Z0-9_][a-zA-Z0-9._-]*$/.test(name) ? name : 'work'}`;
}
