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
  -- Not before this may the driver be called again for it; while a call is under way, when that call has timed out.
  next_step_at timestamptz,
  -- Bumped before each call of the driver: what a call returns is written only under its own claim.
  claim bigint not null default 0,
  -- Frozen when planned: how long the machine may take to boot, and the agent for its pre-flight.
  boot_timeout_ms int not null default 300000,
  check_timeout_ms int not null default 300000,
  attempts int not null default 0,
  plan_reason text not null,
  end_reason text,
  fault text,
  console text,
  -- The one-use token of the last launch call, and the one before it: after a crash the machine may have either.
  registration_hash bytea,
  earlier_registration_hash bytea,
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
) with (fillfactor = 70);
create index nodes_live on nodes (state) where state <> 'deleted';
create index nodes_deleted on nodes (deleted_at) where state = 'deleted';
-- The allocator takes the oldest idle nodes of each pool from here.
create index nodes_ready on nodes (provider, node_type, ready_at, id) where state = 'ready';
-- What the fleet role still has to do at a provider.
create index nodes_driven on nodes (provider)
  where state = 'deleting' or (launched_at is null and state <> 'deleted');
create unique index nodes_registration on nodes (registration_hash) where registration_hash is not null;
create unique index nodes_earlier_registration on nodes (earlier_registration_hash)
  where earlier_registration_hash is not null;
create unique index nodes_session on nodes (session_hash) where session_hash is not null;

create table node_events (
  id bigint generated always as identity primary key,
  -- Written by the statement that writes the node, and gone with it: a reference would be checked at every move.
  node_id text not null,
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
  -- The configuration's hold rule (its project pattern) whose budget it counts against.
  rule text,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  released_at timestamptz,
  released_by text
);
create unique index holds_one_a_node on holds (node_id) where released_at is null;

-- What a provider listed as ours that no live row accounts for: destroyed only when seen twice, a minute apart.
create table leaks (
  provider text not null,
  external_id text not null,
  kind text not null,
  node_id text,
  reason text not null,
  first_seen_at timestamptz not null default clock_timestamp(),
  last_seen_at timestamptz not null default clock_timestamp(),
  -- Set just before its destruction is asked for.
  claimed_at timestamptz,
  destroyed_at timestamptz,
  primary key (provider, external_id)
);

-- What the last look at a provider found, for planning and for people.
create table provider_status (
  provider text primary key,
  listed_at timestamptz,
  -- Machines: all that were listed, those of others, those of ours without a row.
  machines int not null default 0,
  strangers int not null default 0,
  leaked int not null default 0,
  -- The provider's own limits; null: none.
  limit_nodes int,
  limit_cores int,
  limit_memory_bytes bigint,
  -- Why it is paused or broken, and since when; null: it is well.
  fault text,
  message text,
  fault_since timestamptz,
  retry_at timestamptz
);

-- How launches of a node type went lately: the backoff, and what to expect.
create table pool_status (
  provider text not null,
  node_type text not null,
  -- Failed generations in a row: nodes that fail together count once.
  failures int not null default 0,
  fault text,
  message text,
  failed_at timestamptz,
  retry_at timestamptz,
  succeeded_at timestamptz,
  -- Planned to ready, smoothed.
  launch_ms double precision,
  primary key (provider, node_type)
);
`;
