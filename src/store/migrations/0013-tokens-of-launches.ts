/**
 * Each process that takes over a launch gives it a token of its own, and the machine may have been made with any of
 * them: all count until one is used. Two were not enough when servers ended one after another.
 */
export const sql = `
alter table nodes add column registration_hashes bytea[];
update nodes set registration_hashes = array_remove(array[earlier_registration_hash, registration_hash], null)
where registration_hash is not null;
alter table nodes drop column registration_hash, drop column earlier_registration_hash;
create index nodes_registrations on nodes using gin (registration_hashes) with (fastupdate = off)
  where registration_hashes is not null;
`;
