import { chmodSync, existsSync, unlinkSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import type { Api } from '../api/app/context.ts';
import { GroundcrewError, messageOf } from '../base/errors/error.ts';

/** The port, or 0 for any free one when somebody listens on it. Another may take it before we do; then GC1006 tells. */
export async function portUnlessTaken(host: string, port: number): Promise<number> {
  return (await tryToListen(host, port)) === null ? port : 0;
}

/**
 * GC1006 or GC1014 when listening there cannot work, before anything is made for a server that will not be. Another
 * may still take it before we listen: then `listenOnPort` says so.
 */
export async function requirePort(host: string, port: number): Promise<void> {
  const error = await tryToListen(host, port);
  if (error !== null) throw whyNotListening(host, port, error);
}

async function tryToListen(host: string, port: number): Promise<Error | null> {
  const probe = createServer();
  return await new Promise((resolve) => {
    probe.once('error', resolve);
    probe.listen({ host, port }, () => probe.close(() => resolve(null)));
  });
}

function whyNotListening(host: string, port: number, error: unknown): GroundcrewError {
  const address = `${host}:${port}`;
  if ((error as { code?: string }).code === 'EADDRINUSE') return new GroundcrewError('GC1006', { address }, error);
  return new GroundcrewError('GC1014', { address, detail: messageOf(error) }, error);
}

/** Listens on TCP and answers the address for people; GC1006 when the port is taken. */
export async function listenOnPort(app: Api, host: string, port: number): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw whyNotListening(host, port, error);
  }
  const address = app.server.address() as AddressInfo;
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${address.port}`;
}

/**
 * Listens on a unix socket. One that a killed server left is replaced: the lock on the data directory, which the
 * caller holds, says that nobody listens there any more.
 */
export async function listenOnSocket(app: Api, path: string): Promise<void> {
  if (existsSync(path)) unlinkSync(path);
  try {
    await app.listen({ path });
    chmodSync(path, 0o666);
  } catch (error) {
    throw new GroundcrewError('GC1014', { address: path, detail: messageOf(error) }, error);
  }
}
