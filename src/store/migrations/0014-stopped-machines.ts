/** Since when the provider's listings call a node's machine stopped; null: at the last look it ran. */
export const sql = `
alter table nodes add column machine_stopped_since timestamptz;
`;
