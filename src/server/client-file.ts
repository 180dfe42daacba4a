import { chmodSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

const OWNER_ONLY = 0o600;

/** What programs of the same user on this machine read to reach the server. */
export interface ClientFile {
  url: string;
  token: string;
}

/** Null when there is none, or it is damaged. */
export function readClientFile(path: string): ClientFile | null {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Partial<ClientFile>;
    return typeof value.url === 'string' && typeof value.token === 'string'
      ? { url: value.url, token: value.token }
      : null;
  } catch {
    return null;
  }
}

/** Whole or not at all, and only for its owner; one that says so already stays as it is. */
export function writeClientFile(path: string, content: ClientFile): void {
  const known = readClientFile(path);
  if (known?.url === content.url && known.token === content.token) {
    if ((statSync(path).mode & 0o777) !== OWNER_ONLY) chmodSync(path, OWNER_ONLY);
    return;
  }
  const draft = `${path}.new`;
  // One that a killed server left keeps the mode that it has.
  rmSync(draft, { force: true });
  writeFileSync(draft, `${JSON.stringify(content)}\n`, { mode: OWNER_ONLY, flag: 'wx' });
  renameSync(draft, path);
}
