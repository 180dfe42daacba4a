import type { WebSocket } from 'ws';
import type { Clock } from '../../base/clock.ts';

const PING_MS = 20_000;
/** A peer that does not answer our goodbye within this time is cut off. */
const GOODBYE_WITHIN_MS = 1_000;
/** The longest reason that a close frame can carry (RFC 6455, 5.5.1). */
const REASON_LONGEST_BYTES = 123;

/** Says goodbye, and does not wait for long. */
export function endSocket(socket: WebSocket, clock: Clock, code: number, reason: string): void {
  if (socket.readyState === socket.CLOSED) return;
  socket.close(code, fitting(reason));
  const timer = clock.after(GOODBYE_WITHIN_MS, () => socket.terminate(), { background: true });
  socket.once('close', () => timer.stop());
}

/**
 * Cuts off a peer that is gone without a word: one that answers none of two pings, unless we do not listen. `onPing` is
 * called with each.
 */
export function keepAlive(socket: WebSocket, clock: Clock, onPing: () => void = () => undefined): void {
  let alive = true;
  socket.on('pong', () => {
    alive = true;
  });
  const timer = clock.every(
    PING_MS,
    () => {
      if (!alive && !socket.isPaused) return socket.terminate();
      alive = false;
      socket.ping();
      onPing();
    },
    { background: true },
  );
  socket.once('close', () => timer.stop());
}

function fitting(reason: string): string {
  let text = reason;
  while (Buffer.byteLength(text) > REASON_LONGEST_BYTES) text = text.slice(0, -1);
  return text;
}
