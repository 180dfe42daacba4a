/** An idempotency key is its caller's own: what another sends under the same words is other work. */
export const sql = `
alter table submissions
  drop constraint submissions_idempotency_key_key,
  add constraint submissions_caller_key unique (submitted_by, idempotency_key);
`;
