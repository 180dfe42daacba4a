/** The durable queue. What is done is deleted; what is here is waiting, running or dead. */
export const sql = /* sql */ `
create table work_items (
  id bigint generated always as identity primary key,
  lane text not null check (lane in ('fetch','ingest','postprocess','notify')),
  kind text not null,
  -- One live item a (kind, key): causing the same work twice is causing it once.
  key text not null,
  payload jsonb not null,
  state text not null default 'waiting' check (state in ('waiting','running','dead')),
  -- Bumped by every claim and every end of one: what an earlier claim says afterwards touches no row.
  fence bigint not null default 0,
  run_at timestamptz not null default clock_timestamp(),
  lease_until timestamptz,
  worker text,
  -- The handler threw; bounded.
  failures int not null default 0,
  -- The worker ended under it, in order or not; counted for people only.
  interruptions int not null default 0,
  -- Leases that lapsed since the checkpoint last moved; bounded.
  lapses int not null default 0,
  checkpoint jsonb,
  error text,
  enqueued_at timestamptz not null default clock_timestamp(),
  died_at timestamptz,
  check ((state = 'running') = (lease_until is not null)),
  unique (kind, key)
) with (
  -- Every row is updated and deleted within moments: vacuum often, and leave room on the page.
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 500,
  autovacuum_vacuum_cost_delay = 0,
  -- Plans that were made for an empty queue must not outlive its filling up.
  autovacuum_analyze_scale_factor = 0.02,
  autovacuum_analyze_threshold = 200
);
create index work_items_waiting on work_items (lane, run_at, id) where state = 'waiting';
create index work_items_leases on work_items (lease_until) where state = 'running';
create index work_items_dead on work_items (lane, id) where state = 'dead';
`;
