import type { WebSocket } from 'ws';
import type { Input } from '../surroundings.ts';

/** More than this waiting to be sent, and no more is read. */
const UNSENT_AT_MOST_BYTES = 2 ** 20;
/** Frames on their way stay well below what the far side takes at once. */
const FRAME_BYTES = 32 * 2 ** 10;

/**
 * Sends what is typed, or what comes by a pipe and at last an empty frame for its end. With `raw` every key goes as it
 * is. Stopping gives the terminal back.
 */
export function sendInput(stdin: Input, socket: WebSocket, raw: boolean): { stop(): void } {
  const send = (data: Buffer | string): void => {
    const bytes = Buffer.from(data);
    for (let start = 0; start < bytes.length; start += FRAME_BYTES) {
      socket.send(bytes.subarray(start, start + FRAME_BYTES), { binary: true }, goOn);
    }
    if (socket.bufferedAmount > UNSENT_AT_MOST_BYTES) stdin.pause();
  };
  const goOn = (): void => {
    if (stdin.isPaused() && socket.bufferedAmount < UNSENT_AT_MOST_BYTES / 2) stdin.resume();
  };
  const end = (): void => socket.send(Buffer.alloc(0), { binary: true });
  if (raw) stdin.setRawMode?.(true);
  stdin.on('data', send);
  stdin.once('end', end);
  stdin.resume();
  return {
    stop() {
      stdin.off('data', send);
      stdin.off('end', end);
      if (raw) stdin.setRawMode?.(false);
      stdin.pause();
      // A pipe that nobody ends must not keep this process.
      (stdin as { unref?(): void }).unref?.();
    },
  };
}
