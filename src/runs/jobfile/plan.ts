import type { RunSpec } from '../../protocol/job.ts';

/** In a hold rule: whoever submitted the job. The submission puts the name in its place. */
export const SUBMITTER = 'me';

/** What a job file asks for, everything substituted and multiplied: ready to become rows. */
export interface SubmissionPlan {
  /** `group/project` */
  project: string;
  /** The version under test. */
  build: string;
  /** Sources to pack, relative to the working directory of who submits; null: no job wants any. */
  checkout: { directory: string } | null;
  jobs: PlannedJob[];
}

/** One job in one environment. Name and environment together are unique in the plan. */
export interface PlannedJob {
  /** Its name in the file, and in parentheses the matrix's values other than the environment: `test (3.12)`. */
  name: string;
  environment: string;
  /** Label expression of its node, in canonical form. */
  expression: string;
  spec: RunSpec;
  hold: PlannedHoldRule | null;
  /** How often it is tried again elsewhere after a failure that was not the tests'. */
  retries: number;
  /** Names of jobs of the plan; every one with such a name, in whatever environment, must have passed before. */
  after: string[];
}

/** When a run fails: its node is kept this long, for whom. */
export interface PlannedHoldRule {
  duration_ms: number;
  /** A person's name, or `SUBMITTER`. */
  owner: string;
  /** Whose node it is, by name; `SUBMITTER` alone unless others are named. So far only the first counts: the owner. */
  keys: string[];
}
