import type { RunSpec } from '../protocol/job.ts';
import type { HoldRule } from '../store/schema/runs.ts';

/** What a job file comes to: matrix multiplied, everything substituted. */
export interface SubmissionPlan {
  /** `group/project`. */
  project: string;
  /** Version under test. */
  build: string;
  /** Directory whose archive the sender puts beside it; null: no job fetches sources. */
  checkout: { directory: string } | null;
  jobs: PlannedJob[];
}

/** One job in one environment. */
export interface PlannedJob {
  name: string;
  environment: string;
  /** Label expression of its node. */
  expression: string;
  spec: RunSpec;
  hold: HoldRule | null;
  /** Attempts after the first one, for infra failures only. */
  retries: number;
  /** Names of jobs, each with all of its environments, that must have passed before. */
  after: string[];
}
