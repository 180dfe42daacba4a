import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { ProviderFault } from '../../base/faults.ts';
import type { ProviderContext } from '../contract/calls.ts';
import { hasCode } from './faults.ts';

const WAIT_MS = 20_000;

function listen(name: string): Promise<Server | null> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error) => (hasCode(error, 'EADDRINUSE') ? resolve(null) : reject(error)));
    server.listen({ path: `\0${name}` }, () => {
      server.unref();
      resolve(server);
    });
  });
}

/**
 * Runs the work while no other call, of this process or another one, works on the same node. The lock is the name of
 * an abstract unix socket: the kernel takes it back the moment its process dies, so no lock is ever left behind.
 * Throws ProviderFault `transient` when the other does not end within 20 s.
 */
export async function withNodeLock<T>(directory: string, context: ProviderContext, work: () => Promise<T>): Promise<T> {
  const name = `groundcrew-node-${createHash('sha256').update(directory).digest('hex').slice(0, 40)}`;
  const deadline_ms = context.clock.monotonic_ms() + WAIT_MS;
  let server = await listen(name);
  for (let pause_ms = 2; server === null; pause_ms = Math.min(50, pause_ms * 2)) {
    if (context.clock.monotonic_ms() > deadline_ms) {
      throw new ProviderFault('transient', `Another call works on ${directory} for longer than ${WAIT_MS / 1000} s.`);
    }
    await context.clock.sleep(pause_ms, context.signal);
    server = await listen(name);
  }
  const held = server;
  try {
    return await work();
  } finally {
    await new Promise<void>((resolve) => held.close(() => resolve()));
  }
}
