import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * One process at a time for a checkout. The lock is a listening socket in Linux's abstract namespace (unix(7)): the
 * kernel lets it go however its holder ends, so there is no stale lock to find out about.
 */
export function lockName(directory) {
  return `\0groundcrew-bootstrap-${createHash('sha256').update(directory).digest('hex').slice(0, 32)}`;
}

/** Resolves with a function that lets go, or with null when somebody else holds it. */
export function tryLock(name) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen({ path: name }, () => {
      server.unref();
      resolve(() => server.close());
    });
  });
}

/** Does the work while holding the lock; `onWait` is called once when it has to wait. Gives up after `wait_ms`. */
export async function withLock(name, work, { onWait = () => {}, wait_ms = 20 * 60_000, poll_ms = 100 } = {}) {
  const give_up = performance.now() + wait_ms;
  let release = await tryLock(name);
  if (release === null) onWait();
  while (release === null) {
    if (performance.now() > give_up) {
      throw new Error(`Another process has been installing or building for ${Math.round(wait_ms / 60_000)} minutes.`);
    }
    await sleep(poll_ms);
    release = await tryLock(name);
  }
  try {
    return await work();
  } finally {
    release();
  }
}
