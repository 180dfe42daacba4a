import { type Selectable, sql } from 'kysely';
import type { Role, TokensTable } from './schema/base.ts';
import type { Db } from './schema/database.ts';

/** A token as it is kept: of its secret there is only the hash. */
export type TokenRow = Selectable<TokensTable>;

export interface NewToken {
  /** Who or what uses it. */
  name: string;
  /** `api` for programs, `session` for a signed-in browser, `enter` to sign a browser in once. */
  kind: TokensTable['kind'];
  role: Role;
  /** `secretHash` of the secret. */
  hash: Buffer;
  /** Null: never. */
  expires_at: Date | null;
  /** Of a sign-in link or a session: the program's token that it comes from. It ends with that. */
  issued_by?: number | null;
}

export async function createToken(db: Db, token: NewToken): Promise<TokenRow> {
  return db.insertInto('tokens').values(token).returningAll().executeTakeFirstOrThrow();
}

/** The token with this hash, when it may still be used; one-use tokens are never found here. */
export async function findToken(db: Db, hash: Buffer): Promise<TokenRow | null> {
  const row = await db
    .selectFrom('tokens')
    .selectAll()
    .where('hash', '=', hash)
    .where('kind', '<>', 'enter')
    .where(isValid)
    .executeTakeFirst();
  return row ?? null;
}

// Neither it nor the token that it comes from was revoked or is too old.
const isValid = sql<boolean>`tokens.revoked_at is null and (tokens.expires_at is null or tokens.expires_at > groundcrew_now())
  and not exists (select 1 from tokens issuer where issuer.id = tokens.issued_by
    and (issuer.revoked_at is not null or issuer.expires_at <= groundcrew_now()))`;

/** Spends a one-use token. Null when there is none, it was used, or it is too late. */
export async function useEnterToken(db: Db, hash: Buffer): Promise<TokenRow | null> {
  const row = await db
    .updateTable('tokens')
    .set({ used_at: sql<Date>`groundcrew_now()` })
    .where('hash', '=', hash)
    .where('kind', '=', 'enter')
    .where('used_at', 'is', null)
    .where(isValid)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** A program's token, and with it the sessions that come from it. False when there is none, or it was revoked before. */
export async function revokeToken(db: Db, id: number): Promise<boolean> {
  const result = await db
    .updateTable('tokens')
    .set({ revoked_at: sql<Date>`groundcrew_now()` })
    .where('id', '=', id)
    .where('kind', '=', 'api')
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Ends a browser's session; nothing happens when it has none. */
export async function revokeByHash(db: Db, hash: Buffer): Promise<void> {
  await db
    .updateTable('tokens')
    .set({ revoked_at: sql<Date>`groundcrew_now()` })
    .where('hash', '=', hash)
    .where('revoked_at', 'is', null)
    .execute();
}

/**
 * Forgets sign-in links and sessions that lapsed more than a day ago; those of programs are kept, for people to look at.
 * Answers how many; fewer than `most`: no more there are.
 */
export async function pruneTokens(db: Db, most: number): Promise<number> {
  const { rows } = await sql`
    delete from tokens where id in (
      select id from tokens where kind <> 'api' and expires_at < groundcrew_now() - interval '1 day' limit ${most})
    returning id`.execute(db);
  return rows.length;
}

/** The tokens of programs, oldest first, revoked ones too. */
export async function listTokens(db: Db): Promise<TokenRow[]> {
  return db.selectFrom('tokens').selectAll().where('kind', '=', 'api').orderBy('id').execute();
}
