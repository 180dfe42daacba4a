import { sql } from 'kysely';
import { dateFrom } from '../../base/clock.ts';
import type { RunId } from '../../base/ids.ts';
import type { StepReport } from '../../protocol/agent.ts';
import type { Db } from '../../store/schema/database.ts';
import type { RunStepsTable } from '../../store/schema/runs.ts';
import { isSessionRun, type SessionRun } from './session.ts';

/**
 * Keeps the last word about a step. False when fence or epoch are not current or the run does not run any more. A word that
 * comes twice or late does not open an ended step again.
 */
export async function keepStep(db: Db, at: SessionRun, step: StepReport): Promise<boolean> {
  const finished = step.finished_ms === null ? null : dateFrom(step.finished_ms);
  const { rows } = await sql<{ current: boolean }>`
    with current as (
      select id from runs where ${isSessionRun(at)} and (state = 'running' or outcome is not null)
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

/** In order. */
export async function stepsOfRun(db: Db, run_id: RunId): Promise<RunStepsTable[]> {
  return await db.selectFrom('run_steps').selectAll().where('run_id', '=', run_id).orderBy('ordinal').execute();
}
