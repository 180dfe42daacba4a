/** A node may leave its freeze before its run's verdict is known: the hold it gets then ends with a verdict that needs none. */
export const sql = `alter table holds add column until_verdict boolean not null default false;`;
