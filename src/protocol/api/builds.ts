import { type Static, Type } from 'typebox';
import { NullableNumber, NullableText, NullableTime, PageQuery, TEST_STATUS_WORDS, Time } from './common.ts';
import { CountsView } from './runs.ts';

/** The same data as in `protocol/results.ts`, as schemas. */
const Status = Type.Enum(TEST_STATUS_WORDS);
const Verdict = Type.Enum(['passed', 'failed', 'infra', 'cancelled', 'skipped', 'running'], {
  description: 'Of the last run of each job: the worst that is certain',
});
const Kind = Type.Enum(['regression', 'fix', 'new', 'gone', 'flaky']);
const KindCounts = Type.Object({
  regression: Type.Integer(),
  fix: Type.Integer(),
  new: Type.Integer(),
  gone: Type.Integer(),
  flaky: Type.Integer(),
});

export const ProjectView = Type.Object(
  { slug: Type.String(), builds: Type.Integer(), last_build: NullableText, last_build_at: NullableTime },
  { title: 'Project' },
);
export type ProjectView = Static<typeof ProjectView>;

export const BuildReferenceView = Type.Object(
  { build_id: Type.Integer(), version: Type.String(), created_at: Time, finished_at: NullableTime },
  { title: 'BuildReference' },
);
const NullableBuild = Type.Union([BuildReferenceView, Type.Null()]);

const JobSummaryView = Type.Object({
  job: Type.String(),
  run_id: Type.Integer(),
  attempt: Type.Integer(),
  state: Type.String(),
  verdict: NullableText,
  reason: NullableText,
  counts: Type.Union([CountsView, Type.Null()]),
  partial: Type.Boolean(),
});

/** One environment of a build: the last run of each of its jobs. */
export const EnvironmentSummaryView = Type.Object({
  environment: Type.String(),
  verdict: Verdict,
  counts: CountsView,
  tests: Type.Integer(),
  duration_ms: Type.Number(),
  jobs: Type.Array(JobSummaryView),
});

export const BuildView = Type.Object(
  {
    project: Type.String(),
    build: BuildReferenceView,
    baseline: NullableBuild,
    verdict: Verdict,
    waits_for: Type.Array(Type.Object({ state: Type.String(), count: Type.Integer() })),
    counts: CountsView,
    tests: Type.Integer(),
    environments: Type.Array(EnvironmentSummaryView),
  },
  { title: 'Build' },
);
export type BuildView = Static<typeof BuildView>;

/** A build as lists show it: all that a row of a grid needs, so that nobody asks for each. */
export const BuildRowView = Type.Object(
  {
    project: Type.String(),
    ...BuildReferenceView.properties,
    verdict: Verdict,
    counts: CountsView,
    tests: Type.Integer(),
    environments: Type.Array(
      Type.Object({ environment: Type.String(), verdict: Verdict, counts: CountsView, tests: Type.Integer() }),
    ),
    baseline: NullableBuild,
  },
  { title: 'BuildRow' },
);
export type BuildRowView = Static<typeof BuildRowView>;

export const BuildQuery = Type.Object({
  project: Type.Optional(Type.String({ maxLength: 200 })),
  version: Type.Optional(Type.String({ maxLength: 200 })),
  ...PageQuery,
});

export const ChangeView = Type.Object(
  {
    kind: Kind,
    suite: Type.String(),
    name: Type.String(),
    occurrence: Type.Integer(),
    environments: Type.Array(Type.String()),
    jobs: Type.Array(Type.String()),
    where: Type.String({ description: 'both, all, or the environments, with the job where one has several' }),
    from_status: Type.Union([Status, Type.Null()]),
    to_status: Type.Union([Status, Type.Null()]),
    run_id: Type.Integer(),
    position: Type.Integer(),
    message: NullableText,
    location: NullableText,
    attempts: Type.Integer(),
    failed_attempts: Type.Integer(),
  },
  { title: 'Change' },
);
export type ChangeView = Static<typeof ChangeView>;

export const ComparisonView = Type.Object(
  {
    project: Type.String(),
    from: BuildReferenceView,
    to: BuildReferenceView,
    environments: Type.Array(
      Type.Object({
        environment: Type.String(),
        from_tests: Type.Integer(),
        to_tests: Type.Integer(),
        counts: KindCounts,
      }),
    ),
    counts: KindCounts,
    changes: Type.Array(ChangeView),
    truncated: Type.Boolean(),
    missing: Type.Array(
      Type.Object({
        environment: Type.String(),
        job: Type.String(),
        missing_in: Type.Enum(['from', 'to']),
        tests: Type.Integer(),
      }),
    ),
    unfinished: Type.Array(
      Type.Object({
        build: Type.Enum(['from', 'to']),
        environment: Type.String(),
        job: Type.String(),
        run_id: Type.Integer(),
        state: Type.String({ description: 'Of the run; results while its files are being read' }),
      }),
      { description: 'Runs of both builds whose results are still to come' },
    ),
    nothing_compared: Type.Union([Type.String(), Type.Null()], {
      description: 'Why no test could be compared; null when tests were',
    }),
  },
  { title: 'Comparison' },
);
export type ComparisonView = Static<typeof ComparisonView>;

export const CompareQuery = Type.Object({
  project: Type.String({ maxLength: 200 }),
  to: Type.String({ maxLength: 200, description: 'Version of the newer build' }),
  from: Type.Optional(
    Type.String({
      maxLength: 200,
      description: 'Version; the last finished build with test results before when not given',
    }),
  ),
});

const HistoryCellView = Type.Object({
  environment: Type.String(),
  run_id: Type.Integer(),
  position: Type.Integer(),
  status: Status,
  duration_ms: NullableNumber,
});

export const HistoryView = Type.Object(
  {
    suite: Type.String(),
    name: Type.String(),
    environments: Type.Array(Type.String(), { description: 'Where it ran, with the job where one has several' }),
    builds: Type.Array(Type.Object({ build: BuildReferenceView, cells: Type.Array(HistoryCellView) })),
    trends: Type.Array(
      Type.Object({
        environment: Type.String(),
        first_failed_in: NullableText,
        last_passed_in: NullableText,
        flaky: Type.Integer(),
        sample: Type.Integer(),
      }),
    ),
  },
  { title: 'History' },
);
export type HistoryView = Static<typeof HistoryView>;

export const HistoryQuery = Type.Object({
  project: Type.String({ maxLength: 200 }),
  suite: Type.String({ maxLength: 4000 }),
  name: Type.String({ maxLength: 4000 }),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Builds' })),
});

export const TestSearchQuery = Type.Object({
  project: Type.String({ maxLength: 200 }),
  text: Type.String({ maxLength: 200 }),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
});
export const TestNameView = Type.Object({ suite: Type.String(), name: Type.String() });
