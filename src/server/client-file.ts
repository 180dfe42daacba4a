import { readFileSync, renameSync, writeFileSync } from 'node:fs';

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

/** Whole or not at all, and only for its owner. */
export function writeClientFile(path: string, content: ClientFile): void {
  const draft = `${path}.new`;
  writeFileSync(draft, `${JSON.stringify(content)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}
