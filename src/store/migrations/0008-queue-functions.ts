/**
 * The two statements of the queue that run thousands of times a second, as functions: planned once a connection, and
 * always for a full queue. A plan that an idle worker makes for an empty table reads all of it, and would be kept when
 * thousands of items come at once. Created or replaced, since an import into an empty database drops tables only.
 */
export const sql = /* sql */ `
create or replace function claim_work_items(
  of_lane text, of_kinds text[], by_worker text, lease_ms float8, from_us bigint, most int
) returns table (
  id bigint, fence bigint, lane text, kind text, key text, payload jsonb, checkpoint jsonb,
  failures int, interruptions int, run_at_us bigint
) language plpgsql as $$
#variable_conflict use_column
begin
  return query
  -- The time is asked for once, in a query of its own, since an index cannot serve a function that keeps changing.
  with due as materialized (
    select waiting.ctid as place from work_items waiting
     where state = 'waiting' and lane = of_lane and kind = any(of_kinds)
       and run_at >= to_timestamp(from_us / 1e6::float8) and run_at <= (select clock_timestamp())
     order by run_at, id limit most for update skip locked)
  update work_items item
     set state = 'running', fence = fence + 1, worker = by_worker,
         lease_until = clock_timestamp() + lease_ms * interval '1 millisecond'
    from due where item.ctid = due.place
  returning item.id, item.fence, item.lane, item.kind, item.key, item.payload, item.checkpoint,
            item.failures, item.interruptions, (extract(epoch from item.run_at) * 1000000)::bigint;
end $$
set enable_seqscan = off set enable_sort = off set plan_cache_mode = force_generic_plan;

create or replace function complete_work_items(ids bigint[], fences bigint[]) returns int
language plpgsql as $$
declare
  completed int;
begin
  delete from work_items item where item.id = any(ids) and item.fence = fences[array_position(ids, item.id)];
  get diagnostics completed = row_count;
  return completed;
end $$
set enable_seqscan = off set plan_cache_mode = force_generic_plan;
`;
