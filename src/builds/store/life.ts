import { sql } from 'kysely';
import type { BuildId, EnvironmentId, ProjectId } from '../../base/ids.ts';
import type { Tx } from '../../store/schema/database.ts';

/** The project with this name, made when it is new. `slug` is `group/project`. */
export async function upsertProject(tx: Tx, slug: string): Promise<ProjectId> {
  const row = await tx
    .insertInto('projects')
    .values({ slug })
    .onConflict((conflict) => conflict.column('slug').doUpdateSet({ slug }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** The build with this version, made when it is new. Locks it, as `lockBuild` does. */
export async function upsertBuild(tx: Tx, project_id: ProjectId, version: string): Promise<BuildId> {
  const row = await tx
    .insertInto('builds')
    .values({ project_id, version })
    .onConflict((conflict) => conflict.columns(['project_id', 'version']).doUpdateSet({ version }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** More work comes for a build: one that was finished is open again. */
export async function reopenBuild(tx: Tx, build_id: BuildId): Promise<void> {
  await tx.updateTable('builds').set({ finished_at: null }).where('id', '=', build_id).execute();
}

/** The project's environments with these names, made when they are new, by one statement. */
export async function upsertEnvironments(
  tx: Tx,
  project_id: ProjectId,
  names: readonly string[],
): Promise<Map<string, EnvironmentId>> {
  // Always in the same order, so that two transactions with the same names wait for each other instead of deadlocking.
  const { rows } = await sql<{ id: EnvironmentId; name: string }>`
    insert into environments (project_id, name)
    select distinct ${project_id}::bigint, name from unnest(${names}::text[]) as name order by name
    on conflict (project_id, name) do update set name = excluded.name
    returning id, name`.execute(tx);
  return new Map(rows.map((row) => [row.name, row.id]));
}

/**
 * Everything that ends a run, and with it moves other runs of its build, takes this lock first: so two ends of one
 * build never wait for each other in a circle, and each sees what the other did.
 */
export async function lockBuild(tx: Tx, build_id: BuildId): Promise<void> {
  await tx.selectFrom('builds').select('id').where('id', '=', build_id).forNoKeyUpdate().execute();
}

/** True when this call finished the build: every run has its verdict and no results wait to be read. */
export async function finishBuild(tx: Tx, build_id: BuildId): Promise<boolean> {
  const { rows } = await sql`
    update builds set finished_at = groundcrew_now() where id = ${build_id} and finished_at is null
      and not exists (select 1 from job_runs
        where build_id = ${build_id} and (state <> 'finished' or results_pending))
    returning id`.execute(tx);
  return rows.length === 1;
}
