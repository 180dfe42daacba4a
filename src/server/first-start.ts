import { GroundcrewError, messageOf } from '../base/errors/error.ts';
import { type Random, randomSecret, secretHash } from '../base/random.ts';
import { withTransactionLock } from '../store/advisory.ts';
import type { Db } from '../store/schema/database.ts';
import { createToken, findToken, listTokens } from '../store/tokens.ts';
import { readClientFile, writeClientFile } from './client-file.ts';

/**
 * Makes the admin token on the first start and answers its secret, to be shown once; null later on, and for all but one
 * of the servers that start at once on one database. The command line of the same user gets a token of its own, in a
 * file that only that user can read. Error: GC1013 when that file cannot be written.
 */
export async function prepareAccess(db: Db, random: Random, client_file: string, url: string): Promise<string | null> {
  const shown = await firstToken(db, random);
  const token = (await knownToken(db, client_file)) ?? (await adminToken(db, random, 'local'));
  try {
    writeClientFile(client_file, { url, token });
  } catch (error) {
    throw new GroundcrewError('GC1013', { path: client_file, detail: messageOf(error) }, error);
  }
  return shown;
}

async function firstToken(db: Db, random: Random): Promise<string | null> {
  return await db.transaction().execute(async (tx) => {
    await withTransactionLock(tx, 'access');
    return (await listTokens(tx)).length === 0 ? await adminToken(tx, random, 'admin') : null;
  });
}

/** The token of an earlier start, while it may be used. */
async function knownToken(db: Db, client_file: string): Promise<string | null> {
  const token = readClientFile(client_file)?.token ?? null;
  return token !== null && (await findToken(db, secretHash(token))) !== null ? token : null;
}

async function adminToken(db: Db, random: Random, name: string): Promise<string> {
  const secret = randomSecret(random);
  await createToken(db, { name, kind: 'api', role: 'admin', hash: secretHash(secret), expires_at: null });
  return secret;
}
