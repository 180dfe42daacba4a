/**
 * What a launch answered is kept: where the machine is reached and by which host keys it is known. A leak keeps the step
 * of its destruction, and is told apart by its kind: a machine and a volume may be called alike.
 */
export const sql = `
alter table nodes add column addresses jsonb not null default '[]', add column host_keys jsonb not null default '[]';

alter table leaks add column step jsonb, drop constraint leaks_pkey, add primary key (provider, kind, external_id);
`;
