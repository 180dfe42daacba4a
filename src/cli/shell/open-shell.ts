import { WebSocket } from 'ws';
import { GroundcrewError } from '../../base/errors/error.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-status.ts';
import { Interrupted } from '../tell-error.ts';
import { dial } from './dial.ts';
import { sendInput } from './input.ts';

const PING_EVERY_MS = 15_000;
/** A connection that is silent for this long is gone. */
const SILENT_AT_MOST_MS = 45_000;

/**
 * A shell on a node up to its end; answers its exit status. With a terminal on both sides it is one there, too; else
 * bytes go through unchanged. Errors: GC1002, GC1009, GC1041 when it breaks off.
 */
export async function openShell(context: Context, node: string, script: string | null): Promise<number> {
  const { stdin, stdout } = context.home;
  const isTerminal = script === null && stdin.isTTY === true && stdout.isTTY === true;
  // Without a terminal the script comes by standard input; `sh` reads it as it comes.
  const command = script ?? (isTerminal ? null : 'exec sh');
  const size = { rows: stdout.rows ?? 24, columns: stdout.columns ?? 80 };
  const socket = await dial(context.client(), node, { ...size, command });
  // Ctrl-C is the shell's in a terminal; a command is ended by it.
  const interruption = isTerminal ? null : context.home.interruption();
  const stop = (): void => socket.close(1000);
  interruption?.addEventListener('abort', stop, { once: true });
  const watch = watchConnection(context, socket);
  const input = sendInput(context.home.stdin, socket, isTerminal);
  try {
    const end = await endOf(socket, stdout);
    if (interruption?.aborted) throw new Interrupted();
    if (end.exit_code === null) {
      throw new GroundcrewError('GC1041', { node, detail: end.reason });
    }
    return end.exit_code;
  } finally {
    interruption?.removeEventListener('abort', stop);
    watch.stop();
    input.stop();
    socket.terminate();
  }
}

/** What the far side said at the end: the exit code, or in words why there is none. */
function endOf(
  socket: WebSocket,
  stdout: Context['home']['stdout'],
): Promise<{ exit_code: number | null; reason: string }> {
  return new Promise((resolve) => {
    let exit_code: number | null = null;
    let told = false;
    let failure: string | null = null;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) {
        if (stdout.write(data)) return;
        // A slow reader slows the far side down.
        socket.pause();
        stdout.once('drain', () => socket.resume());
        return;
      }
      told = true;
      exit_code = exitCodeOf(data.toString());
    });
    socket.on('error', (error) => {
      failure = `${error.message}.`;
    });
    socket.on('close', (_code, reason) => {
      const said = reason.toString();
      const words = told ? 'it ended without an exit status.' : said === '' ? 'the connection was cut.' : `${said}.`;
      resolve({ exit_code, reason: failure ?? words });
    });
  });
}

function exitCodeOf(text: string): number | null {
  try {
    const { exit_code } = JSON.parse(text) as { exit_code?: unknown };
    return typeof exit_code === 'number' ? Math.min(255, Math.max(EXIT.fine, exit_code)) : null;
  } catch {
    return null;
  }
}

/** Ends a connection whose other end is gone without a word. */
function watchConnection(context: Context, socket: WebSocket): { stop(): void } {
  const { clock } = context;
  let heard_ms = clock.monotonic_ms();
  const hear = (): void => {
    heard_ms = clock.monotonic_ms();
  };
  socket.on('pong', hear);
  socket.on('ping', hear);
  socket.on('message', hear);
  return clock.every(
    PING_EVERY_MS,
    () => {
      if (clock.monotonic_ms() - heard_ms > SILENT_AT_MOST_MS) socket.terminate();
      else if (socket.readyState === WebSocket.OPEN) socket.ping();
    },
    { background: true },
  );
}
