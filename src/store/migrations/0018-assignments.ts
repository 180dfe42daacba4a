/**
 * What a node is given to do is a row of its own, and nothing else says who holds a node. What runs, nodes and requests
 * said of it is carried over, so that agents that work when this is done go on with the fences that they know. A run
 * that was taken back had got the next fence then: its hand-outs had the fences 1, 3, 5 …, and 2, 4 … once taken back.
 */
export const sql = /* sql */ `
create table assignments (
  id bigint generated always as identity primary key,
  node_id text not null references nodes (id),
  -- Which share of the node: one with a single slot has slot 0.
  slot int not null default 0 check (slot >= 0),
  kind text not null check (kind in ('run','payload','bake','validation','request')),
  -- The number of what it is for.
  subject bigint not null,
  -- Which of the subject's nodes, in the order of its request's expressions.
  ordinal int not null default 0 check (ordinal >= 0),
  -- The request that it serves.
  request_id bigint,
  -- Each hand-out of a subject has the next one; a word with another fence is refused.
  fence bigint not null,
  -- Of the node's session that may speak about it.
  epoch bigint not null,
  state text not null check (state in ('offered','active','ended','taken_back')),
  reason text,
  offered_at timestamptz not null default groundcrew_now(),
  acknowledged_at timestamptz,
  -- Both on the alive clock.
  acknowledge_by_alive_ms bigint,
  lease_until_alive_ms bigint,
  ended_at timestamptz,
  check ((state in ('ended', 'taken_back')) = (ended_at is not null)),
  unique (kind, subject, fence, ordinal)
) with (fillfactor = 70);
create unique index assignments_slot on assignments (node_id, slot) where state in ('offered', 'active');
create unique index assignments_subject on assignments (kind, subject, ordinal) where state in ('offered', 'active');
create index assignments_node on assignments (node_id);
create index assignments_request on assignments (request_id);

insert into assignments (node_id, kind, subject, request_id, fence, epoch, state, reason, offered_at, acknowledged_at,
  acknowledge_by_alive_ms, lease_until_alive_ms, ended_at)
select runs.node_id, 'run', runs.id, runs.request_id, runs.fence, nodes.session_epoch, live.state,
  case when live.state = 'ended' then 'its run ended' end,
  coalesce(runs.assigned_at, runs.queued_at, runs.created_at), runs.started_at,
  case when live.state = 'offered' then runs.acknowledge_by_alive_ms end,
  case when live.state = 'active' then runs.lease_until_alive_ms end,
  case when live.state = 'ended' then coalesce(runs.finished_at, runs.ended_at, groundcrew_now()) end
from runs join nodes on nodes.id = runs.node_id,
  -- A run whose results are late gave its node away before it has ended.
  lateral (select case when runs.state = 'assigned' then 'offered'
    when runs.state = 'running' or (runs.state = 'finishing' and runs.finish_by_alive_ms is not null) then 'active'
    else 'ended' end as state) live;

insert into assignments (node_id, kind, subject, ordinal, request_id, fence, epoch, state, reason, offered_at, ended_at)
select before.node_id, 'run', before.run_id, before.ordinal, before.id, 2 * before.turn, nodes.session_epoch,
  'taken_back', 'nobody acknowledged it', before.ended_at, before.ended_at
from (
  select requests.id, requests.run_id, coalesce(requests.ended_at, requests.created_at) as ended_at, given.node_id, (given.place - 1)::int as ordinal,
    row_number() over (partition by requests.run_id, given.place order by requests.id) as turn
  from requests, unnest(node_ids) with ordinality as given (node_id, place)
  where requests.state = 'fulfilled' and requests.run_id is not null
) before join nodes on nodes.id = before.node_id join runs on runs.id = before.run_id
where before.id is distinct from case when runs.node_id is not null then runs.request_id end;

insert into assignments (node_id, kind, subject, ordinal, request_id, fence, epoch, state, reason, offered_at, ended_at)
select nodes.id, 'request', requests.id, (given.place - 1)::int, requests.id, 1, nodes.session_epoch,
  case when nodes.state = 'assigned' then 'active' else 'ended' end,
  case when nodes.state = 'assigned' then null else 'its node went' end,
  coalesce(requests.ended_at, requests.created_at),
  case when nodes.state <> 'assigned' then coalesce(requests.ended_at, requests.created_at) end
from requests, unnest(node_ids) with ordinality as given (node_id, place) join nodes on nodes.id = given.node_id
where requests.state = 'fulfilled' and requests.run_id is null;

alter table runs add column assignment_id bigint references assignments (id);
update runs set assignment_id = assignments.id from assignments
where assignments.kind = 'run' and assignments.subject = runs.id and assignments.state <> 'taken_back';
create unique index runs_assignment on runs (assignment_id);

alter table runs drop column node_id, drop column fence, drop column acknowledge_by_alive_ms,
  drop column lease_until_alive_ms;
alter table nodes drop column request_id;
alter table requests drop column node_ids;

-- What holds a node now.
create view live_assignments as
  select id, node_id, slot, kind, subject, ordinal, request_id, fence, epoch, state, acknowledge_by_alive_ms,
    lease_until_alive_ms
  from assignments where state in ('offered', 'active');
-- Those of runs, past ones too: where a run is, or was.
create view run_assignments as
  select id, subject as run_id, node_id, slot, ordinal, fence, epoch, state, acknowledge_by_alive_ms,
    lease_until_alive_ms
  from assignments where kind = 'run';
-- All that a node was given, and all that a request got.
create view node_assignments as
  select id, node_id, slot, kind, subject, ordinal, request_id, state from assignments;

create or replace trigger assignments_first_state before insert on assignments for each row
  when (new.state not in ('offered', 'active')) execute function refuse_state();
create or replace trigger assignments_next_state before update of state on assignments for each row
  when (old.state <> new.state and not case old.state
    when 'offered' then new.state in ('active', 'ended', 'taken_back')
    when 'active' then new.state in ('ended')
    when 'ended' then false
    when 'taken_back' then false
    else false end) execute function refuse_state();
`;
