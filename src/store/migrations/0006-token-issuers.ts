/** Whose token a sign-in link or a session was made with: it ends with that token. */
export const sql = /* sql */ `
alter table tokens add column issued_by bigint references tokens (id);
`;
