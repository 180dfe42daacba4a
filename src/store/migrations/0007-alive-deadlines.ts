/** What an agent or a worker must do in time is counted while a server is there to hear it: an outage of ours is no delay of theirs. */
export const sql = `
alter table runs add column acknowledge_by_alive_ms bigint, add column finish_by_alive_ms bigint;

update runs set acknowledge_by_alive_ms = alive.alive_ms + 10000 from alive_clock alive where state = 'assigned';
update runs set finish_by_alive_ms = alive.alive_ms + 60000 from alive_clock alive where state = 'finishing';

alter table runs drop column acknowledge_by, drop column finish_by;
`;
