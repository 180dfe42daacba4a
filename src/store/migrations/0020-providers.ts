/**
 * Providers as they were last configured, with references in place of secrets: one that the configuration lost is known
 * by its row until its last machine is gone, across restarts.
 */
export const sql = `
create table providers (
  name text primary key,
  driver text not null,
  -- Its section as it was written.
  written jsonb not null,
  configured_at timestamptz not null default groundcrew_now(),
  -- Since when no configuration has it; null: it is configured.
  removed_at timestamptz
);
`;
