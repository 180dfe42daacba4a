/** What the results API answers. Times are milliseconds, `*_at` is ISO 8601. */

/** What a test came to in one run; see `results/state.ts`. */
export type TestStatus = 'pass' | 'fail' | 'skip' | 'xfail' | 'error' | 'flaky';

/** How many tests of each status. */
export type StatusCounts = Record<TestStatus, number>;

/** A results file that could not be read, or only up to a place. */
export interface ResultProblem {
  file: string;
  /** Of the error catalogue. */
  code: string;
  message: string;
  line: number | null;
  column: number | null;
  /** Tests read before that place, which are kept. */
  tests_kept: number;
}

export interface SuiteCounts {
  suite: string;
  tests: number;
  counts: StatusCounts;
}

/** One test that did not pass. */
export interface TestFailure {
  run_id: number;
  /** Place in the run's sorted list of tests: with `run_id` its identity. */
  position: number;
  suite: string;
  name: string;
  /** 0 for the first test of this name in a file, 1 for the second. */
  occurrence: number;
  status: TestStatus;
  message: string | null;
  /** Null in lists; ask for one failure to get it. */
  trace: string | null;
  /** Characters of message and trace beyond what is kept. */
  cut_characters: number;
  attempts: number;
  failed_attempts: number;
  duration_ms: number | null;
  /** `parser.test.js:41`, when the file says so or the trace shows it. */
  location: string | null;
}

/** One test of a run, whatever it came to. */
export interface TestResult {
  position: number;
  suite: string;
  name: string;
  occurrence: number;
  status: TestStatus;
  /** Stored within 5 %. Null when the file did not say. */
  duration_ms: number | null;
}

/** A part of a longer list. */
export interface Page<Item> {
  items: Item[];
  /** Ask again with this to go on; null at the end. */
  next_cursor: string | null;
}

export type ChangeKind = 'regression' | 'fix' | 'new' | 'gone' | 'flaky';

/** A build as comparisons and histories name it. */
export interface BuildReference {
  build_id: number;
  version: string;
  created_at: string;
  finished_at: string | null;
}

/** One test that changed, in all the environments where it changed in this way. */
export interface Change {
  kind: ChangeKind;
  suite: string;
  name: string;
  occurrence: number;
  environments: string[];
  /** The jobs in which it changed, as their matrices name them. */
  jobs: string[];
  /**
   * `both` or `all` when that is every job in every environment compared, else names joined by a comma: environments,
   * and the job where an environment has several.
   */
  where: string;
  /** Null for a new test. */
  from_status: TestStatus | null;
  /** Null for one that is gone. */
  to_status: TestStatus | null;
  /** The run and position in the later build, or in the earlier one for a test that is gone. */
  run_id: number;
  position: number;
  message: string | null;
  location: string | null;
  attempts: number;
  failed_attempts: number;
}

/** A job, or all of an environment, whose results only one of the builds has: its tests are neither new nor gone. */
export interface MissingResults {
  environment: string;
  job: string;
  /** Which build lacks them. */
  missing_in: 'from' | 'to';
  tests: number;
}

/** A run of one of the builds whose results are still to come. */
export interface UnfinishedRun {
  build: 'from' | 'to';
  environment: string;
  job: string;
  run_id: number;
  /** The run's state; `results` while its files are being read. */
  state: string;
}

export interface EnvironmentComparison {
  environment: string;
  from_tests: number;
  to_tests: number;
  counts: Record<ChangeKind, number>;
}

export interface Comparison {
  from: BuildReference;
  to: BuildReference;
  /** Per environment that both builds have results of. */
  environments: EnvironmentComparison[];
  /** Changes of each kind, one test in several environments counted once, also those beyond the limit. */
  counts: Record<ChangeKind, number>;
  changes: Change[];
  /** Changes of some kind are left out: see `counts`. */
  truncated: boolean;
  missing: MissingResults[];
  unfinished: UnfinishedRun[];
  /** Why no test of one build could be held against one of the other; null when tests were compared. */
  nothing_compared: string | null;
}

export interface JobSummary {
  job: string;
  run_id: number;
  attempt: number;
  state: string;
  verdict: string | null;
  reason: string | null;
  counts: StatusCounts | null;
  partial: boolean;
}

/**
 * `failed` when any run failed or took too long, else `running` while any is not finished, `infra` when a machine
 * spoilt one, `cancelled`, `skipped`; `passed` only when every one did.
 */
export type BuildVerdict = 'passed' | 'failed' | 'infra' | 'cancelled' | 'skipped' | 'running';

export interface EnvironmentSummary {
  environment: string;
  verdict: BuildVerdict;
  counts: StatusCounts;
  tests: number;
  duration_ms: number;
  jobs: JobSummary[];
}

/** What a list says of a build. */
export interface BuildInShort {
  verdict: BuildVerdict;
  counts: StatusCounts;
  tests: number;
  environments: Pick<EnvironmentSummary, 'environment' | 'verdict' | 'counts' | 'tests'>[];
  baseline: BuildReference | null;
}

export interface BuildSummary {
  build: BuildReference;
  /** The finished build with results before it, with which it is compared when nobody says otherwise. */
  baseline: BuildReference | null;
  verdict: BuildVerdict;
  counts: StatusCounts;
  tests: number;
  environments: EnvironmentSummary[];
}

export interface HistoryCell {
  /** As in `TestHistory.environments`. */
  environment: string;
  run_id: number;
  position: number;
  status: TestStatus;
  duration_ms: number | null;
}

export interface HistoryBuild {
  build: BuildReference;
  /** One an environment where the test ran. */
  cells: HistoryCell[];
}

/** One test over the builds of its project, newest first. */
export interface TestHistory {
  suite: string;
  name: string;
  /** Where it ran: environments, and with the job's name where several jobs of one build have the test. */
  environments: string[];
  builds: HistoryBuild[];
  /** Per environment: since when it fails, when it last passed, and how often attempts differed. */
  trends: HistoryTrend[];
}

export interface HistoryTrend {
  environment: string;
  /** Set while the newest result is a failure: the oldest build of that unbroken row. */
  first_failed_in: string | null;
  last_passed_in: string | null;
  flaky: number;
  /** Builds looked at. */
  sample: number;
}

/** A test found by its text. */
export interface FoundTest {
  suite: string;
  name: string;
}
