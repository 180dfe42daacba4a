/**
 * Requests of the last hour are found by a few blocks' ranges, which costs their writers nothing: it is the hottest
 * table. A leak that an operator agreed to is destroyed although the sweep's fuse holds back the others.
 */
export const sql = `
create index requests_recent on requests using brin (created_at) with (pages_per_range = 16, autosummarize = on);

alter table leaks add column agreed_at timestamptz, add column agreed_by text;
`;
