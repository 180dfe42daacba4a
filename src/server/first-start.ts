import { type Random, randomSecret, secretHash } from '../base/random.ts';
import type { Db } from '../store/schema/database.ts';
import { createToken, findToken, listTokens } from '../store/tokens.ts';
import { readClientFile, writeClientFile } from './client-file.ts';

/**
 * Makes the admin token on the first start and answers its secret, to be shown once; null later on. The command line
 * of the same user gets a token of its own, in a file that only that user can read.
 */
export async function prepareAccess(db: Db, random: Random, client_file: string, url: string): Promise<string | null> {
  const first = (await listTokens(db)).length === 0;
  let shown: string | null = null;
  if (first) {
    shown = randomSecret(random);
    await createToken(db, { name: 'admin', kind: 'api', role: 'admin', hash: secretHash(shown), expires_at: null });
  }
  const known = readClientFile(client_file);
  let token = known?.token ?? null;
  if (token !== null && (await findToken(db, secretHash(token))) === null) token = null;
  if (token === null) {
    token = randomSecret(random);
    await createToken(db, { name: 'local', kind: 'api', role: 'admin', hash: secretHash(token), expires_at: null });
  }
  if (known?.url !== url || known.token !== token) writeClientFile(client_file, { url, token });
  return shown;
}
