/**
 * What a node takes of its provider's limits is counted once, when it is planned, in whatever dimensions its driver has;
 * limits, and what strangers and leaks take, are the same record. What was counted before is taken over.
 */
export const sql = `
alter table nodes add column takes jsonb not null default '{"nodes": 1}';
update nodes set takes = jsonb_strip_nulls(jsonb_build_object('nodes', 1,
  'cores', case when jsonb_typeof(options->'cores') = 'number' then options->'cores' end,
  'memory_bytes', case when jsonb_typeof(options->'memory_bytes') = 'number' then options->'memory_bytes' end))
where state <> 'deleted';

alter table provider_status add column limits jsonb not null default '{}',
  add column strangers_take jsonb not null default '{}', add column leaks_take jsonb not null default '{}';
update provider_status set
  limits = jsonb_strip_nulls(jsonb_build_object(
    'nodes', limit_nodes, 'cores', limit_cores, 'memory_bytes', limit_memory_bytes)),
  strangers_take = jsonb_build_object('nodes', strangers), leaks_take = jsonb_build_object('nodes', leaked);
alter table provider_status drop column limit_nodes, drop column limit_cores, drop column limit_memory_bytes;
`;
