import { sql } from 'kysely';
import type { Db } from '../../store/schema/database.ts';

/** One job, `test` on jammy, of the first build of acme/widget, that maria submitted; its runs are the test's. */
export async function insertOneJob(db: Db): Promise<void> {
  await sql`insert into projects (slug) values ('acme/widget')`.execute(db);
  await sql`insert into environments (project_id, name) select id, 'jammy' from projects`.execute(db);
  await sql`insert into builds (project_id, version) select id, '1' from projects`.execute(db);
  await sql`insert into submissions (build_id, submitted_by) select id, 'maria' from builds`.execute(db);
  await sql`
    insert into jobs (submission_id, build_id, environment_id, name, expression, spec)
    select submissions.id, build_id, environments.id, 'test', 'jammy', '{}' from submissions, environments`.execute(db);
}
