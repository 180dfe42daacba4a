import { sql } from 'kysely';
import { dateFrom } from '../../base/clock.ts';
import type { RunId } from '../../base/ids.ts';
import type { StepReport } from '../../protocol/agent.ts';
import type { Db, Tx } from '../../store/schema/database.ts';
import type { RunStepsTable } from '../../store/schema/runs.ts';
import { isSessionRun, type SessionRun } from './session.ts';

/**
 * Keeps the last word about a step. False when fence or epoch are not current or the run does not run any more. A word that
 * comes twice or late does not open an ended step again, and none begins beside the run's end: hence the lock.
 */
export async function keepStep(db: Db, at: SessionRun, step: StepReport): Promise<boolean> {
  const finished = step.finished_ms === null ? null : dateFrom(step.finished_ms);
  const { rows } = await sql<{ current: boolean }>`
    with current as (
      select id from runs where ${isSessionRun(at)} and (state = 'running' or outcome is not null) for share of runs
    ), kept as (
      insert into run_steps (run_id, ordinal, name, state, exit_code, signal, started_at, finished_at, log_offset)
      select id, ${step.ordinal}, ${step.name}, ${step.state}, ${step.exit_code}::int, ${step.signal}::text,
        ${dateFrom(step.started_ms)}::timestamptz, ${finished}::timestamptz, ${step.log_offset}::bigint from current
      on conflict (run_id, ordinal) do update set name = excluded.name, state = excluded.state,
        exit_code = excluded.exit_code, signal = excluded.signal, started_at = excluded.started_at,
        finished_at = excluded.finished_at, log_offset = excluded.log_offset
      where run_steps.finished_at is null
    )
    select exists (select 1 from current) as current`.execute(db);
  return rows[0]?.current === true;
}

/**
 * The run has its verdict: what its agent did not end, ended with it. Such a step has neither exit code nor signal, and by
 * that it is known as lost (`isLost`).
 */
export async function endSteps(tx: Tx, run_id: RunId): Promise<void> {
  await sql`
    update run_steps set state = case when runs.verdict = 'timeout' then 'timeout' else 'cancelled' end,
      finished_at = greatest(run_steps.started_at, runs.ended_at)
    from runs where runs.id = ${run_id} and run_steps.run_id = runs.id and run_steps.finished_at is null`.execute(tx);
}

/** In order. */
export async function stepsOfRun(db: Db, run_id: RunId): Promise<RunStepsTable[]> {
  return await db.selectFrom('run_steps').selectAll().where('run_id', '=', run_id).orderBy('ordinal').execute();
}
