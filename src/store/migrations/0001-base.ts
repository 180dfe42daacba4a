/** Whose database this is, who may do what, and who did. */
export const sql = /* sql */ `
create table deployment (
  only_row boolean primary key default true check (only_row),
  id text not null,
  created_at timestamptz not null default clock_timestamp(),
  -- Set by an import without --take-over: look, but touch no machine, until an operator agrees.
  observing boolean not null default false
);

create table tokens (
  id bigint generated always as identity primary key,
  name text not null,
  kind text not null check (kind in ('api', 'session', 'enter')),
  role text not null check (role in ('viewer', 'submitter', 'operator', 'admin')),
  hash bytea not null unique,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  -- One-use tokens (kind 'enter') are spent by setting this.
  used_at timestamptz,
  revoked_at timestamptz
);

create table audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  action text not null,
  subject text not null,
  detail jsonb not null default '{}'
);
create index audit_log_subject on audit_log (subject, id);

-- A name held by one process at a time; every take-over bumps the epoch, which goes into compare-and-set updates.
create table leases (
  name text primary key,
  holder text not null,
  epoch bigint not null,
  expires_at timestamptz not null
);

-- Time in which an API process was alive: leases of runs count this, so that our own outage re-runs nothing.
create table alive_clock (
  only_row boolean primary key default true check (only_row),
  alive_ms bigint not null default 0,
  ticked_at timestamptz not null default clock_timestamp()
);
insert into alive_clock default values;
`;
