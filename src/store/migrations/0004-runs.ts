/** What is tested, submissions, jobs and their runs. */
export const sql = /* sql */ `
create table projects (
  id bigint generated always as identity primary key,
  -- group/project
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9._~-]*(/[a-z0-9][a-z0-9._~-]*)+$'),
  created_at timestamptz not null default clock_timestamp()
);

create table environments (
  id bigint generated always as identity primary key,
  project_id bigint not null references projects (id),
  name text not null,
  unique (project_id, name)
);

create table builds (
  id bigint generated always as identity primary key,
  project_id bigint not null references projects (id),
  version text not null,
  created_at timestamptz not null default clock_timestamp(),
  -- Every expected run is terminal and its results are in; null again when more work is submitted for it.
  finished_at timestamptz,
  unique (project_id, version)
);
create index builds_project on builds (project_id, id);

create table submissions (
  id bigint generated always as identity primary key,
  build_id bigint not null references builds (id),
  submitted_by text not null,
  idempotency_key text unique,
  -- SHA-256 of what was submitted under that key: the same key with other content is a mistake of the sender.
  plan_hash bytea,
  -- Key of the checkout archive in the object store, tar.gz.
  checkout_blob text,
  created_at timestamptz not null default clock_timestamp()
);

create table jobs (
  id bigint generated always as identity primary key,
  submission_id bigint not null references submissions (id),
  build_id bigint not null references builds (id),
  environment_id bigint not null references environments (id),
  name text not null,
  -- Label expression of its node.
  expression text not null,
  -- RunSpec of the protocol.
  spec jsonb not null,
  hold jsonb,
  retries int not null default 2,
  unique (submission_id, name, environment_id)
);
create index jobs_build on jobs (build_id);

create table job_dependencies (
  job_id bigint not null references jobs (id),
  after_job_id bigint not null references jobs (id),
  primary key (job_id, after_job_id)
);
create index job_dependencies_after on job_dependencies (after_job_id);

create table runs (
  id bigint generated always as identity primary key,
  job_id bigint not null references jobs (id),
  attempt int not null default 1,
  state text not null check (state in ('waiting','queued','assigned','running','finishing','finished')),
  verdict text check (verdict in ('passed','failed','infra','timeout','cancelled','skipped')),
  reason text,
  -- Bumped by every hand-out; a word with another fence is refused.
  fence bigint not null default 0,
  handouts int not null default 0,
  node_id text references nodes (id),
  request_id bigint references requests (id),
  -- A lost run's successor waits until this machine is gone, or until the time at which its agent has given up.
  waits_for_node text,
  waits_until timestamptz,
  -- On the alive clock.
  lease_until_alive_ms bigint,
  -- On the alive clock: the agent ends a run at its timeout; past this the server does.
  timeout_at_alive_ms bigint,
  acknowledge_by timestamptz,
  finish_by timestamptz,
  cancel_requested_at timestamptz,
  cancel_reason text,
  -- A running run that was asked to end and has not by then loses its node.
  cancel_by timestamptz,
  outcome jsonb,
  -- The payload ended and its result files are not read yet: a build with such a run is not finished.
  results_pending boolean not null default false,
  -- What was wrong with the result files, with the position; what could be read of them is kept.
  results_problem text,
  created_at timestamptz not null default clock_timestamp(),
  queued_at timestamptz,
  assigned_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  finished_at timestamptz,
  check ((state = 'finished') = (verdict is not null)),
  unique (job_id, attempt)
);
create index runs_live on runs (state) where state <> 'finished';
create index runs_node on runs (node_id);

create table run_steps (
  run_id bigint not null references runs (id),
  ordinal int not null,
  name text not null,
  state text not null,
  exit_code int,
  signal text,
  started_at timestamptz not null,
  finished_at timestamptz,
  log_offset bigint not null,
  primary key (run_id, ordinal)
);

create table run_logs (
  run_id bigint primary key references runs (id),
  bytes bigint not null default 0,
  -- Set once the chunks were composed into one object; the chunks are gone then.
  blob text,
  lines bigint,
  -- Byte offset and line of the first error in it.
  first_error_offset bigint,
  first_error_line bigint
);

create table log_chunks (
  run_id bigint not null references runs (id),
  start_offset bigint not null,
  data bytea not null,
  primary key (run_id, start_offset)
);

create table artifacts (
  id bigint generated always as identity primary key,
  run_id bigint not null references runs (id),
  kind text not null check (kind in ('artifact', 'result')),
  path text not null,
  -- Of results: their order, attempts of the same tests included.
  ordinal int not null default 0,
  format text,
  size bigint not null,
  sha256 bytea not null,
  blob text not null,
  created_at timestamptz not null default clock_timestamp(),
  unique (run_id, kind, path)
);
`;
