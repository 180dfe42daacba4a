import { type Static, Type } from 'typebox';
import { NullableNumber, NullableText, NullableTime, PageQuery, Time } from './common.ts';
import { CountsView } from './runs.ts';

export const ProjectView = Type.Object(
  { slug: Type.String(), builds: Type.Integer(), last_build: NullableText, last_build_at: NullableTime },
  { title: 'Project' },
);
export type ProjectView = Static<typeof ProjectView>;

/** One environment of a build: the last run of each of its jobs. */
export const BuildEnvironmentView = Type.Object({
  environment: Type.String(),
  verdict: NullableText,
  counts: CountsView,
  runs: Type.Array(
    Type.Object({
      id: Type.Integer(),
      job: Type.String(),
      state: Type.String(),
      verdict: NullableText,
      attempt: Type.Integer(),
    }),
  ),
});

export const BuildView = Type.Object(
  {
    id: Type.Integer(),
    project: Type.String(),
    version: Type.String(),
    created_at: Time,
    finished_at: NullableTime,
    waits_for: NullableText,
    counts: CountsView,
    environments: Type.Array(BuildEnvironmentView),
  },
  { title: 'Build' },
);
export type BuildView = Static<typeof BuildView>;

export const BuildQuery = Type.Object({ project: Type.Optional(Type.String({ maxLength: 200 })), ...PageQuery });

export const ChangeView = Type.Object(
  {
    kind: Type.String({ description: 'regression, fix, new, gone or flaky' }),
    suite: Type.String(),
    name: Type.String(),
    environments: Type.Array(Type.String()),
    every_environment: Type.Boolean(),
    before: NullableText,
    after: NullableText,
    message: NullableText,
    attempts_failed: NullableNumber,
    attempts: NullableNumber,
    run_id: NullableNumber,
  },
  { title: 'Change' },
);
export type ChangeView = Static<typeof ChangeView>;

export const ComparisonView = Type.Object(
  {
    project: Type.String(),
    from: Type.Object({ id: Type.Integer(), version: Type.String(), finished: Type.Boolean() }),
    to: Type.Object({ id: Type.Integer(), version: Type.String(), finished: Type.Boolean() }),
    environments: Type.Array(Type.String()),
    only_before: Type.Array(Type.String()),
    only_after: Type.Array(Type.String()),
    totals: Type.Record(Type.String(), Type.Integer()),
    changes: Type.Array(ChangeView),
    truncated: Type.Boolean(),
  },
  { title: 'Comparison' },
);
export type ComparisonView = Static<typeof ComparisonView>;

export const CompareQuery = Type.Object({
  project: Type.String({ maxLength: 200 }),
  to: Type.String({ maxLength: 200, description: 'Version of the newer build' }),
  from: Type.Optional(
    Type.String({ maxLength: 200, description: 'Version; the last finished build before when not given' }),
  ),
});

export const HistoryCell = Type.Object({
  build_id: Type.Integer(),
  version: Type.String(),
  environment: Type.String(),
  run_id: Type.Integer(),
  status: Type.String(),
  duration_ms: NullableNumber,
  at: Time,
});
export const HistoryView = Type.Object(
  {
    project: Type.String(),
    suite: Type.String(),
    name: Type.String(),
    cells: Type.Array(HistoryCell, { description: 'Newest first' }),
    first_failed_in: NullableText,
    last_passed_in: NullableText,
    flake_rate: NullableNumber,
    sample_size: Type.Integer(),
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
