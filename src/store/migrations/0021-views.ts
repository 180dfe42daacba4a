/**
 * What an owner shows its neighbours: nobody else reads its tables (`owners.ts`). Plain, so that PostgreSQL puts them
 * into the statement that reads them. What is looked up by a key that always exists is a left join: one that the
 * statement needs no column of falls away, and a condition on its columns makes it an inner one.
 */
export const sql = `
-- builds: a build and what it is called, and an environment.
create view build_names as
  select builds.id, builds.project_id, projects.slug as project, builds.version, builds.created_at, builds.finished_at
  from builds left join projects on projects.id = builds.project_id;
create view environment_names as select id, name from environments;

-- runs: every run with what it is a run of.
create view job_runs as
  select runs.id, runs.job_id, jobs.build_id, jobs.environment_id, jobs.name as job, submissions.submitted_by,
    runs.attempt, runs.state, runs.verdict, runs.reason, runs.results_pending
  from runs left join jobs on jobs.id = runs.job_id left join submissions on submissions.id = jobs.submission_id;

-- results: a run in short, its list, what did not pass; and chunks, as such and by the project whose lists have them.
create view run_counts as
  select run_id, project_id, tests, pass_count, fail_count, skip_count, xfail_count, error_count, flaky_count,
    duration_ms, partial
  from run_results;
create view run_lists as
  select run_chunks.run_id, run_chunks.ordinal, run_chunks.chunk_id, run_chunks.start, run_chunks.statuses,
    run_chunks.durations, result_chunks.tests
  from run_chunks left join result_chunks on result_chunks.id = run_chunks.chunk_id;
create view failure_briefs as
  select run_id, position, message, location, attempts, failed_attempts from run_failures;
create view chunk_names as select id, tests, names, fingerprints from result_chunks;
create view project_lists as
  select project_chunks.project_id, project_chunks.chunk_id, project_chunks.first_key, project_chunks.last_key,
    result_chunks.tests, result_chunks.fingerprints
  from project_chunks left join result_chunks on result_chunks.id = project_chunks.chunk_id;

-- nodes: what became of one, whose secret speaks for it, and which are kept for somebody now.
create view node_states as select id, state, end_reason from nodes;
create view node_sessions as select id as node_id, session_hash from nodes;
create view live_holds as
  select holds.id, holds.node_id, holds.run_id
  from holds join nodes on nodes.id = holds.node_id
  where holds.released_at is null and nodes.state = 'held';

-- requests: what became of one.
create view request_states as select id, state, reason from requests;

-- queue: what was given up.
create view dead_items as select id, lane, kind, key, error from work_items where state = 'dead';
`;
