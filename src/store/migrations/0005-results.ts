/** Results of runs: lists of test names stored once by content, what each run came to, and what did not pass. */
export const sql = /* sql */ `
-- A piece of a sorted list of tests, about 4,000 of them, found by the hash of its names. Never updated.
create table result_chunks (
  id bigint generated always as identity primary key,
  hash bytea not null unique,
  tests int not null,
  -- Compressed: suites with their sizes, and all (suite, name).
  suites bytea not null,
  names bytea not null,
  -- 8 bytes a test, so that lists are compared and searched without unpacking names: all low halves, then all high ones.
  fingerprints bytea not null,
  created_at timestamptz not null default clock_timestamp()
);
-- Compressed already, or not compressible; plain storage also lets one slice be read.
alter table result_chunks alter column names set storage external;
alter table result_chunks alter column suites set storage external;
alter table result_chunks alter column fingerprints set storage external;

-- Which chunks a project's lists ever held, with the first and last test of each: where to look for a test.
create table project_chunks (
  project_id bigint not null references projects (id),
  chunk_id bigint not null references result_chunks (id),
  first_key bytea not null,
  last_key bytea not null,
  primary key (project_id, chunk_id)
);
create index project_chunks_range on project_chunks (project_id, first_key, last_key);

create table run_results (
  run_id bigint primary key references runs (id),
  project_id bigint not null references projects (id),
  tests int not null,
  suites int not null,
  pass_count int not null,
  fail_count int not null,
  skip_count int not null,
  xfail_count int not null,
  error_count int not null,
  flaky_count int not null,
  -- Sum over all attempts of all tests.
  duration_ms double precision not null,
  -- Some file was read only in part, or not at all.
  partial boolean not null,
  problems jsonb not null default '[]',
  committed_at timestamptz not null default clock_timestamp()
);
create index run_results_project on run_results (project_id, run_id);

create table run_chunks (
  run_id bigint not null references run_results (run_id) on delete cascade,
  ordinal int not null,
  chunk_id bigint not null references result_chunks (id),
  -- Position of its first test in the run's list.
  start int not null,
  -- One status byte a test, packed.
  statuses bytea not null,
  -- One byte a test on a logarithmic scale; null when none is known.
  durations bytea,
  primary key (run_id, ordinal)
);
alter table run_chunks alter column statuses set storage external;
alter table run_chunks alter column durations set storage external;
create index run_chunks_chunk on run_chunks (chunk_id, run_id);

-- What did not pass; a bare skip has no row.
create table run_failures (
  run_id bigint not null references run_results (run_id) on delete cascade,
  -- In the run's list.
  position int not null,
  occurrence int not null,
  status smallint not null,
  attempts int not null,
  failed_attempts int not null,
  -- Where its trace is in run_traces.
  trace_block int,
  trace_index int,
  cut_characters int not null,
  duration_ms real,
  suite text not null,
  name text not null,
  message text,
  location text,
  primary key (run_id, position)
);

-- Traces of many failures compressed together, since they resemble each other.
create table run_traces (
  run_id bigint not null references run_results (run_id) on delete cascade,
  block int not null,
  traces bytea not null,
  primary key (run_id, block)
);
alter table run_traces alter column traces set storage external;
`;
