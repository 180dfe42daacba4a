/** Requests, nodes and holds. */
export const sql = /* sql */ `
create table nodes (
  id text primary key,
  provider text not null,
  node_type text not null,
  labels text[] not null,
  state text not null check (state in
    ('planned','launching','booting','checking','ready','assigned','running','held','deleting','deleted')),
  -- Compare-and-set: every move names the version it saw.
  version bigint not null default 0,
  state_since timestamptz not null default clock_timestamp(),
  -- When the state is overdue; null only where waiting has no end (ready, deleted).
  deadline timestamptz,
  -- Driver options, frozen when planned. No secrets.
  options jsonb not null default '{}',
  external_id text,
  step jsonb,
  -- Not before this may the driver be called again for it.
  next_step_at timestamptz,
  attempts int not null default 0,
  plan_reason text not null,
  end_reason text,
  fault text,
  console text,
  registration_hash bytea,
  session_hash bytea,
  session_epoch bigint not null default 0,
  agent_seen_alive_ms bigint,
  facts jsonb,
  preflight jsonb,
  request_id bigint,
  created_at timestamptz not null default clock_timestamp(),
  launched_at timestamptz,
  ready_at timestamptz,
  assigned_at timestamptz,
  deleted_at timestamptz
);
create index nodes_live on nodes (state) where state <> 'deleted';
create index nodes_deleted on nodes (deleted_at) where state = 'deleted';

create table node_events (
  id bigint generated always as identity primary key,
  node_id text not null references nodes (id),
  at timestamptz not null default clock_timestamp(),
  state text not null,
  reason text not null,
  actor text not null
);
create index node_events_node on node_events (node_id, id);

create table requests (
  id bigint generated always as identity primary key,
  -- One label expression a node wanted: all or nothing.
  expressions text[] not null check (cardinality(expressions) between 1 and 100),
  state text not null default 'waiting' check (state in ('waiting','fulfilled','refused','cancelled')),
  reason text,
  requester text not null,
  priority int not null default 0,
  run_id bigint,
  -- Higher wins; then older first. Nodes in the order of the expressions once fulfilled.
  node_ids text[],
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  ended_at timestamptz
);
create index requests_waiting on requests (priority desc, id) where state = 'waiting';
create index requests_run on requests (run_id);

create table holds (
  id bigint generated always as identity primary key,
  node_id text not null references nodes (id),
  run_id bigint,
  owner text not null,
  reason text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  released_at timestamptz,
  released_by text
);
create unique index holds_one_a_node on holds (node_id) where released_at is null;

-- What a provider listed that has no live row: destroyed only when seen twice, a minute apart.
create table leaks (
  provider text not null,
  external_id text not null,
  kind text not null,
  first_seen_at timestamptz not null default clock_timestamp(),
  destroyed_at timestamptz,
  primary key (provider, external_id)
);
`;
