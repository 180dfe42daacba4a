/** What a node waits for its agent for is counted while a server is there to hear the agent, as with runs. */
export const sql = `
alter table nodes add column deadline_alive_ms bigint;

update nodes set deadline_alive_ms = alive.alive_ms
  + (extract(epoch from nodes.deadline - clock_timestamp()) * 1000)::bigint
from alive_clock alive where state in ('launching', 'booting', 'checking', 'assigned', 'running');
`;
