import { chmodSync, existsSync, unlinkSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import type { Api } from '../api/context.ts';
import { GroundcrewError, messageOf } from '../base/errors/error.ts';

/** The port, or 0 for any free one when somebody listens on it. Another may take it before we do; then GC1006 tells. */
export async function portUnlessTaken(host: string, port: number): Promise<number> {
  const probe = createServer();
  return await new Promise((resolve) => {
    probe.once('error', () => resolve(0));
    probe.listen({ host, port }, () => probe.close(() => resolve(port)));
  });
}

/** Listens on TCP and answers the address for people; GC1006 when the port is taken. */
export async function listenOnPort(app: Api, host: string, port: number): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'EADDRINUSE') throw new GroundcrewError('GC1006', { address: `${host}:${port}` }, error);
    throw new GroundcrewError('GC1014', { address: `${host}:${port}`, detail: messageOf(error) }, error);
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
