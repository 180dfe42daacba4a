import { GroundcrewError } from '../../base/errors/error.ts';
import type { ProjectId } from '../../base/ids.ts';
import { findProject } from '../../builds/store/list.ts';
import type { Db } from '../../store/schema/database.ts';

/** The project of this name. Errors: GC1002. */
export async function projectNamed(db: Db, slug: string): Promise<ProjectId> {
  const id = await findProject(db, slug);
  if (id === null) throw new GroundcrewError('GC1002', { kind: 'project', id: slug });
  return id;
}

/** Of a list that a project's name filters: nothing is there, or there is no such project. Errors: GC1002. */
export async function orNoProject<Row>(
  db: Db,
  slug: string | undefined,
  rows: readonly Row[],
): Promise<readonly Row[]> {
  if (rows.length === 0 && slug !== undefined) await projectNamed(db, slug);
  return rows;
}
