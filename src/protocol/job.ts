import type { AssignmentId, RunId } from '../base/ids.ts';

/** A step as the agent gets it: every substitution done. */
export interface StepSpec {
  name: string;
  /** A shell script, run by `sh -e`; at most 120 KiB, since it is one argument of a command. */
  run: string;
  timeout_ms: number;
  env: Record<string, string>;
}

/** Which files of the working directory are results. More than one file with the same test: attempts, in this order. */
export interface ResultSpec {
  /** Glob, relative to the working directory. */
  path: string;
  /** A format's name; null: what each file looks like. */
  format: string | null;
}

/** What a run does on its node: frozen when the run is made, so that a retry does the same. */
export interface RunSpec {
  project: string;
  build: string;
  job: string;
  environment: string;
  env: Record<string, string>;
  /** Does the node fetch an archive of the sources before the first step? */
  checkout: boolean;
  steps: StepSpec[];
  results: ResultSpec[];
  /** Globs, relative to the working directory. */
  artifacts: string[];
  /** For the whole run. */
  timeout_ms: number;
}

/** An assignment of a run: a row that the agent pulls. `run_id` and `fence` go with every word about it. */
export interface Assignment {
  assignment_id: AssignmentId;
  /** Which share of the node it has; a slot has one assignment at a time. */
  slot: number;
  run_id: RunId;
  fence: number;
  spec: RunSpec;
}
