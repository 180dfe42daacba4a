import { type Static, Type } from 'typebox';
import { NullableNumber, NullableText, NullableTime, oneLine, PageQuery, TEST_STATUS_WORDS, Time } from './common.ts';

export const CountsView = Type.Object({
  pass: Type.Integer(),
  fail: Type.Integer(),
  skip: Type.Integer(),
  xfail: Type.Integer(),
  error: Type.Integer(),
  flaky: Type.Integer(),
});
export type CountsView = Static<typeof CountsView>;

export const RunView = Type.Object(
  {
    id: Type.Integer(),
    project: Type.String(),
    build: Type.String(),
    build_id: Type.Integer(),
    submission_id: Type.Integer({ description: 'What handed it in; cancelled as a whole by job cancel' }),
    job: Type.String(),
    environment: Type.String(),
    attempt: Type.Integer(),
    state: Type.String(),
    verdict: NullableText,
    reason: NullableText,
    node_id: NullableText,
    held: Type.Boolean(),
    request_id: NullableText,
    created_at: Time,
    queued_at: NullableTime,
    assigned_at: NullableTime,
    started_at: NullableTime,
    ended_at: NullableTime,
    finished_at: NullableTime,
    waited_ms: NullableNumber,
    ran_ms: NullableNumber,
    counts: Type.Union([CountsView, Type.Null()]),
  },
  { title: 'Run' },
);
export type RunView = Static<typeof RunView>;

export const RunQuery = Type.Object({
  project: Type.Optional(Type.String({ maxLength: 200 })),
  build: Type.Optional(Type.String({ maxLength: 200 })),
  state: Type.Optional(Type.String({ maxLength: 100, description: 'States, with commas' })),
  verdict: Type.Optional(Type.String({ maxLength: 100, description: 'Verdicts, with commas' })),
  node: Type.Optional(Type.String({ maxLength: 40 })),
  ...PageQuery,
});

export const StepView = Type.Object({
  ordinal: Type.Integer(),
  name: Type.String(),
  state: Type.String(),
  exit_code: NullableNumber,
  signal: NullableText,
  reason: Type.Union([Type.String(), Type.Null()], {
    description: '"lost" when its agent never said how it ended: it ended with its run, when it was last heard of',
  }),
  started_at: Time,
  finished_at: NullableTime,
  log_offset: Type.Integer(),
});

export const ArtifactView = Type.Object({
  id: Type.Integer(),
  kind: Type.String(),
  path: Type.String(),
  size: Type.Integer(),
  sha256: Type.String({ description: 'hexadecimal' }),
});

/** `TestFailure` of `protocol/results.ts`. */
export const FailureView = Type.Object(
  {
    run_id: Type.Integer(),
    position: Type.Integer(),
    suite: Type.String(),
    name: Type.String(),
    occurrence: Type.Integer(),
    status: Type.Enum(TEST_STATUS_WORDS),
    message: NullableText,
    trace: NullableText,
    cut_characters: Type.Integer(),
    attempts: Type.Integer(),
    failed_attempts: Type.Integer(),
    duration_ms: NullableNumber,
    location: NullableText,
  },
  { title: 'Failure' },
);
export type FailureView = Static<typeof FailureView>;

/** Where the seconds went: queued, node, pre-flight, checkout, steps, upload, results, or not heard of. */
export const TimelinePart = Type.Object({ part: Type.String(), started_at: Time, duration_ms: Type.Number() });

export const RunDetail = Type.Object(
  {
    run: RunView,
    steps: Type.Array(StepView),
    timeline: Type.Array(TimelinePart),
    failures: Type.Array(FailureView, { description: 'The first 200; the rest by /tests' }),
    artifacts: Type.Array(ArtifactView),
    log: Type.Object({
      bytes: Type.Integer(),
      live: Type.Boolean(),
      lines: NullableNumber,
      first_error_offset: NullableNumber,
      first_error_line: NullableNumber,
    }),
    results_problem: NullableText,
    unheard_since: Type.Union([Time, Type.Null()], {
      description: 'The agent of its node is silent since then, while it runs; null while it is heard of',
    }),
    other_attempts: Type.Array(Type.Object({ id: Type.Integer(), attempt: Type.Integer(), verdict: NullableText })),
    hold: Type.Union([
      Type.Object({ node_id: Type.String(), owner: Type.String(), expires_at: Time, shell_command: Type.String() }),
      Type.Null(),
    ]),
  },
  { title: 'RunDetail' },
);
export type RunDetail = Static<typeof RunDetail>;

export const LogQuery = Type.Object({
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 16 * 2 ** 20, description: 'Bytes; 1 MiB when not given' })),
});

export const RunTestsQuery = Type.Object({
  status: Type.Optional(Type.String({ maxLength: 100, description: 'Statuses, with commas' })),
  text: Type.Optional(Type.String({ maxLength: 200 })),
  ...PageQuery,
});
export const TestRow = Type.Object({
  position: Type.Integer(),
  suite: Type.String(),
  name: Type.String(),
  occurrence: Type.Integer(),
  status: Type.Enum(TEST_STATUS_WORDS),
  duration_ms: NullableNumber,
});

export const SubmissionBody = Type.Object({
  job_file: Type.String({ maxLength: 1_000_000, description: 'The text of a job file' }),
  file: Type.Optional(Type.String({ maxLength: 500, description: 'Its name, for messages' })),
  variables: Type.Optional(
    Type.Record(Type.String({ maxLength: 200 }), Type.String({ maxLength: 10_000 }), {
      description: 'The values of the variables that it names',
    }),
  ),
  checkout: Type.Optional(Type.String({ maxLength: 200, description: 'Key of an archive put to /api/v1/checkouts' })),
});
export const SubmissionView = Type.Object(
  {
    id: Type.Integer(),
    project: Type.String(),
    build: Type.String(),
    build_id: Type.Integer(),
    runs: Type.Array(RunView),
    impossible: Type.Array(Type.Object({ run_id: Type.Integer(), reason: Type.String() }), {
      description: 'Runs that nothing which is configured can ever serve, and why: they are refused, not waited for',
    }),
  },
  { title: 'Submission' },
);
export type SubmissionView = Static<typeof SubmissionView>;
export const CheckoutView = Type.Object(
  { checkout: Type.String(), size: Type.Integer(), sha256: Type.String() },
  { title: 'Checkout' },
);
export type CheckoutView = Static<typeof CheckoutView>;
export const CancelledView = Type.Object(
  {
    done: Type.Literal(true),
    cancelled: Type.Array(Type.Integer(), { description: 'The runs that were still going; none when all had ended' }),
  },
  { title: 'Cancelled' },
);
export const CancelBody = Type.Object({ reason: Type.Optional(oneLine(500)) });
