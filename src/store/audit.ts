import type { Db } from './schema/database.ts';

/** Keeps who did what: in the transaction of the change itself, so that there is none without the other. */
export async function recordAudit(
  db: Db,
  actor: string,
  action: string,
  subject: string,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await db
    .insertInto('audit_log')
    .values({ actor, action, subject, detail: JSON.stringify(detail) })
    .execute();
}
