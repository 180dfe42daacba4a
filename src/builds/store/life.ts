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

/** The project's environment with this name, made when it is new. */
export async function upsertEnvironment(tx: Tx, project_id: ProjectId, name: string): Promise<EnvironmentId> {
  const row = await tx
    .insertInto('environments')
    .values({ project_id, name })
    .onConflict((conflict) => conflict.columns(['project_id', 'name']).doUpdateSet({ name }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
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
      and not exists (select 1 from runs join jobs on jobs.id = runs.job_id
        where jobs.build_id = ${build_id} and (runs.state <> 'finished' or runs.results_pending))
    returning id`.execute(tx);
  return rows.length === 1;
}
