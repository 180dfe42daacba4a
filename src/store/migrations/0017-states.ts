/**
 * The database refuses a row that begins in the middle of its life, and a move that `state.ts` does not list: the text
 * that `stateTriggerSql` gave for nodes, requests and runs.
 */
export const sql = /* sql */ `
create or replace function refuse_state() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    raise exception using errcode = 'ST001',
      message = format('a row of %s cannot begin as %s', tg_table_name, new.state);
  end if;
  raise exception using errcode = 'ST001',
    message = format('%s of %s cannot go from %s to %s', old.id, tg_table_name, old.state, new.state);
end $$;
create or replace trigger nodes_first_state before insert on nodes for each row
  when (new.state not in ('planned')) execute function refuse_state();
create or replace trigger nodes_next_state before update of state on nodes for each row
  when (old.state <> new.state and not case old.state
    when 'planned' then new.state in ('launching', 'deleting')
    when 'launching' then new.state in ('booting', 'checking', 'deleting')
    when 'booting' then new.state in ('checking', 'deleting')
    when 'checking' then new.state in ('ready', 'held', 'deleting')
    when 'ready' then new.state in ('assigned', 'held', 'deleting')
    when 'assigned' then new.state in ('running', 'deleting')
    when 'running' then new.state in ('held', 'deleting')
    when 'held' then new.state in ('deleting')
    when 'deleting' then new.state in ('deleted')
    when 'deleted' then false
    else false end) execute function refuse_state();
create or replace trigger requests_first_state before insert on requests for each row
  when (new.state not in ('waiting')) execute function refuse_state();
create or replace trigger requests_next_state before update of state on requests for each row
  when (old.state <> new.state and not case old.state
    when 'waiting' then new.state in ('fulfilled', 'refused', 'cancelled')
    when 'fulfilled' then false
    when 'refused' then false
    when 'cancelled' then false
    else false end) execute function refuse_state();
create or replace trigger runs_first_state before insert on runs for each row
  when (new.state not in ('waiting', 'queued')) execute function refuse_state();
create or replace trigger runs_next_state before update of state on runs for each row
  when (old.state <> new.state and not case old.state
    when 'waiting' then new.state in ('queued', 'finished')
    when 'queued' then new.state in ('assigned', 'finished')
    when 'assigned' then new.state in ('running', 'queued', 'finished')
    when 'running' then new.state in ('finishing', 'finished')
    when 'finishing' then new.state in ('finished')
    when 'finished' then false
    else false end) execute function refuse_state();
`;
