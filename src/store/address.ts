import pg from 'pg';
import { GroundcrewError } from '../base/errors/error.ts';

/** Where a database is: a URL, or the socket of the embedded server. */
export type DatabaseAddress =
  | { readonly url: string }
  | { readonly socket_directory: string; readonly port: number; readonly user: string; readonly database: string };

const INT8 = 20;

/** 64-bit integers as numbers: every counter and identifier here stays far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === INT8 && format !== 'binary') return (text: string) => Number(text);
    return pg.types.getTypeParser(oid, format as 'text');
  },
} as pg.CustomTypesConfig;

/** Options for a plain `pg` client. Error: GC1218, without the URL's text since it may hold a password. */
export function clientConfigFor(address: DatabaseAddress): pg.ClientConfig {
  const common: pg.ClientConfig = { types, connectionTimeoutMillis: 10_000, keepAlive: true };
  if ('url' in address) {
    checkUrl(address.url);
    return { ...common, connectionString: address.url };
  }
  const { socket_directory, port, user, database } = address;
  return { ...common, host: socket_directory, port, user, database };
}

/** `host:port/database` or the socket's directory: for messages, never with user name or password. */
export function describeAddress(address: DatabaseAddress): string {
  if (!('url' in address)) return address.socket_directory;
  const url = new URL(address.url);
  const host = url.hostname === '' ? (url.searchParams.get('host') ?? 'localhost') : url.hostname;
  return `${host}:${url.port === '' ? '5432' : url.port}${url.pathname}`;
}

/** User and database named by an address, as far as it names them. */
export function namesIn(address: DatabaseAddress): { user: string; database: string } {
  if (!('url' in address)) return { user: address.user, database: address.database };
  const url = new URL(address.url);
  const user = decodeURIComponent(url.username) || url.searchParams.get('user') || 'of this process';
  return { user, database: decodeURIComponent(url.pathname.slice(1)) || user };
}

function checkUrl(text: string): void {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // The parser's error quotes the whole text, the password with it: it is not kept.
    throw new GroundcrewError('GC1218', { detail: 'it is not a URL.' });
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    throw new GroundcrewError('GC1218', { detail: `it begins with "${url.protocol}" instead of "postgres:".` });
  }
  try {
    decodeURIComponent(url.username + url.password + url.pathname);
  } catch {
    throw new GroundcrewError('GC1218', { detail: 'it has a "%" that is not followed by two hexadecimal digits.' });
  }
}
