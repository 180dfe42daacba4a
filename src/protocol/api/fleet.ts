import { type Static, Type } from 'typebox';
import { NullableNumber, NullableText, NullableTime, oneLine, PageQuery, Time } from './common.ts';

export const HoldView = Type.Object(
  {
    id: Type.Integer(),
    node_id: Type.String(),
    run_id: NullableNumber,
    owner: Type.String(),
    reason: Type.String(),
    created_at: Time,
    expires_at: Time,
    shell_command: Type.String(),
  },
  { title: 'Hold' },
);
export type HoldView = Static<typeof HoldView>;

export const NodeView = Type.Object(
  {
    id: Type.String(),
    provider: Type.String(),
    node_type: Type.String(),
    labels: Type.Array(Type.String()),
    state: Type.String(),
    state_since: Time,
    deadline: NullableTime,
    run_id: NullableNumber,
    plan_reason: Type.String({ description: 'Why it was made' }),
    end_reason: NullableText,
    hold_reason: Type.Union([Type.String(), Type.Null()], { description: 'Why it is held; null when it is not' }),
    fault: NullableText,
    created_at: Time,
    ready_at: NullableTime,
    deleted_at: NullableTime,
    unheard_since: Type.Union([Time, Type.Null()], {
      description: 'Its agent is silent since then; null while it is heard of, or there is none to be heard',
    }),
    actions: Type.Array(Type.String(), { description: 'What may be done to it in this state' }),
  },
  { title: 'Node' },
);
export type NodeView = Static<typeof NodeView>;

export const NodeEventView = Type.Object({
  at: Time,
  state: Type.String(),
  reason: Type.String(),
  actor: Type.String(),
});

export const NodeDetail = Type.Object(
  {
    node: NodeView,
    hold: Type.Union([HoldView, Type.Null()]),
    events: Type.Array(NodeEventView),
    facts: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
    preflight: Type.Array(
      Type.Object({
        name: Type.String(),
        outcome: Type.String(),
        tries: Type.Integer(),
        duration_ms: Type.Number(),
        detail: Type.String(),
      }),
    ),
    machine: Type.Union([
      Type.Object({
        external_id: Type.String({ description: 'As the provider calls it' }),
        addresses: Type.Array(Type.String()),
        host_keys: Type.Array(Type.String(), { description: 'SSH host keys that the provider told' }),
      }),
      Type.Null(),
    ]),
    console: NullableText,
    sentence: Type.String({ description: 'Why it is as it is' }),
  },
  { title: 'NodeDetail' },
);
export type NodeDetail = Static<typeof NodeDetail>;

export const NodeQuery = Type.Object({
  state: Type.Optional(
    Type.String({ maxLength: 100, description: 'States, with commas; all but deleted when not given' }),
  ),
  label: Type.Optional(Type.String({ maxLength: 100 })),
  provider: Type.Optional(Type.String({ maxLength: 100 })),
  node_type: Type.Optional(Type.String({ maxLength: 100 })),
  ...PageQuery,
});

export const HoldBody = Type.Object({
  reason: Type.Optional(oneLine(500)),
  duration_ms: Type.Optional(
    Type.Integer({ minimum: 1000, maximum: 30 * 86_400_000, description: 'How long; 8 h when not given' }),
  ),
});

export const RequestView = Type.Object(
  {
    id: Type.String({ description: 'For example r-2041' }),
    expressions: Type.Array(Type.String()),
    state: Type.String(),
    reason: NullableText,
    requester: Type.String(),
    priority: Type.Integer(),
    run_id: NullableNumber,
    node_ids: Type.Array(Type.String()),
    created_at: Time,
    ended_at: NullableTime,
    waited_ms: Type.Number(),
  },
  { title: 'Request' },
);
export type RequestView = Static<typeof RequestView>;

export const RequestQuery = Type.Object({
  state: Type.Optional(Type.String({ maxLength: 100, description: 'States, with commas' })),
  label: Type.Optional(Type.String({ maxLength: 200, description: 'Only those that name this label' })),
  ...PageQuery,
});

export const DecisionView = Type.Object(
  {
    code: Type.String({
      description: 'What was decided, in one word: served_by_coming, limit_exhausted, behind_others …',
    }),
    sentence: Type.String(),
    data: Type.Record(Type.String(), Type.Unknown(), {
      description: 'A want for each node: by what it is served, how each node type was judged, and what others have',
    }),
  },
  { title: 'Decision' },
);

/** Why something is as it is: a sentence, what the planner decided, then a line a provider. */
export const ExplanationView = Type.Object(
  {
    sentence: Type.String(),
    decision: Type.Union([DecisionView, Type.Null()], { description: 'Null when nothing waits any more' }),
    lines: Type.Array(Type.Object({ subject: Type.String(), text: Type.String() })),
    expected: NullableText,
  },
  { title: 'Explanation' },
);
export type ExplanationView = Static<typeof ExplanationView>;

export const RequestDetail = Type.Object(
  { request: RequestView, explanation: ExplanationView },
  { title: 'RequestDetail' },
);
export type RequestDetail = Static<typeof RequestDetail>;

export const LeakView = Type.Object(
  {
    external_id: Type.String({ description: 'As the provider calls it' }),
    kind: Type.String(),
    node_id: NullableText,
    reason: Type.String(),
    first_seen_at: Time,
    agreed_by: Type.Union([Type.String(), Type.Null()], { description: 'Who lets it be destroyed' }),
  },
  { title: 'Leak' },
);
export type LeakView = Static<typeof LeakView>;

export const LeaksBody = Type.Object({
  external_ids: Type.Array(Type.String({ maxLength: 500 }), { minItems: 1, maxItems: 1000 }),
});

export const LabelRow = Type.Object({
  label: Type.String(),
  target: Type.Integer(),
  ready: Type.Integer(),
  coming: Type.Integer(),
  used: Type.Integer(),
  held: Type.Integer(),
  waiting: Type.Integer({ description: 'Waiting requests that name it' }),
  wait_p95_ms: Type.Union([Type.Number(), Type.Null()], {
    description: 'How long requests of the last hour waited, those that still wait included; within 3 %',
  }),
  waits_last_hour: Type.Array(NullableNumber, {
    description: 'The same for each five minutes of the last hour, oldest first; null when nobody asked',
  }),
});
export const ProviderRow = Type.Object({
  provider: Type.String(),
  driver: Type.String(),
  state: Type.Union([Type.Literal('ok'), Type.Literal('paused'), Type.Literal('failing'), Type.Literal('broken')], {
    description: 'paused: it has no room; failing: launches of some node type fail; broken: nothing works there',
  }),
  problem: NullableText,
  since: NullableTime,
  next_try_at: NullableTime,
  nodes: Type.Integer(),
  limit: NullableNumber,
  cores: Type.Number({ description: 'Taken by its nodes, as far as their node types say' }),
  limit_cores: NullableNumber,
  by_state: Type.Record(Type.String(), Type.Integer()),
  launch_p50_ms: NullableNumber,
  /** Launches of the last 24 h that became ready, of those that ended. */
  launches_ok: Type.Integer(),
  launches_failed: Type.Integer(),
});
export const PoolRow = Type.Object({
  provider: Type.String(),
  node_type: Type.String(),
  labels: Type.Array(Type.String()),
  by_state: Type.Record(Type.String(), Type.Integer()),
});
/** What is wrong somewhere: its code says what it is about, so that nobody reads it out of the sentence. */
export const FleetProblem = Type.Object({
  code: Type.Union(
    [
      Type.Literal('disk'),
      Type.Literal('configuration'),
      Type.Literal('provider'),
      Type.Literal('pool'),
      Type.Literal('held'),
    ],
    {
      description:
        'disk: it is full; configuration: another process plans with another one; provider, pool: launches fail or ' +
        'pause there; held: held nodes fill its limit while requests wait, and ending a hold helps',
    },
  ),
  subject: Type.String({ description: 'For people: a provider, PROVIDER/NODE_TYPE, or what of the server it is' }),
  provider: NullableText,
  node_type: NullableText,
  text: Type.String(),
});
export type FleetProblem = Static<typeof FleetProblem>;
export const FleetView = Type.Object(
  {
    observing: Type.Boolean(),
    problems: Type.Array(FleetProblem),
    labels: Type.Array(LabelRow),
    providers: Type.Array(ProviderRow),
    pools: Type.Array(PoolRow),
  },
  { title: 'Fleet' },
);
export type FleetView = Static<typeof FleetView>;
