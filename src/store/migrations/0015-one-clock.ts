/**
 * Every column and function asks `groundcrew_now()` for the time, as every statement does: a test can drive it. The
 * function itself is there before the first migration (`first-things.ts`).
 */
export const sql = /* sql */ `
do $$
declare
  place record;
begin
  for place in
    select class.relname as table_name, attribute.attname as column_name
      from pg_attrdef held
      join pg_class class on class.oid = held.adrelid
      join pg_attribute attribute on attribute.attrelid = held.adrelid and attribute.attnum = held.adnum
     where class.relnamespace = 'public'::regnamespace and class.relname <> 'migrations'
       and pg_get_expr(held.adbin, held.adrelid) = 'clock_timestamp()'
  loop
    execute format('alter table %I alter column %I set default groundcrew_now()', place.table_name, place.column_name);
  end loop;
end $$;

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
       and run_at >= to_timestamp(from_us / 1e6::float8) and run_at <= (select groundcrew_now())
     order by run_at, id limit most for update skip locked)
  update work_items item
     set state = 'running', fence = fence + 1, worker = by_worker,
         lease_until = groundcrew_now() + lease_ms * interval '1 millisecond'
    from due where item.ctid = due.place
  returning item.id, item.fence, item.lane, item.kind, item.key, item.payload, item.checkpoint,
            item.failures, item.interruptions, (extract(epoch from item.run_at) * 1000000)::bigint;
end $$
set enable_seqscan = off set enable_sort = off set plan_cache_mode = force_generic_plan;
`;
