import { execFile } from 'node:child_process';
import { chmodSync, closeSync, constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';

const READ_BYTES = 64 * 2 ** 10;
const run = promisify(execFile);

export interface Fifo {
  /** Ends when every process that holds the writing end is gone. */
  reader: Socket;
  /** For the child's standard output and error alike, so that both come in the order they were written. */
  writer: number;
  closeWriter(): void;
}

/**
 * A real pipe with one writing end for output and errors. Node's own 'pipe' is a socket pair, one for each of the two:
 * their order is lost, and `echo … > /dev/stderr` fails in the child (ENXIO). What `onData` gets is valid only until it
 * returns: one buffer serves every reading. Throws when `mkfifo` fails.
 */
export async function openFifo(path: string, onData: (data: Buffer) => void): Promise<Fifo> {
  rmSync(path, { force: true });
  await run('mkfifo', [path], { timeout: 10_000 });
  try {
    // The payload's user opens it anew through /dev/stdout; the directory keeps everybody else away.
    chmodSync(path, 0o666);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, constants.O_WRONLY);
    let open = true;
    return {
      reader: readerOf(reader, onData),
      writer,
      closeWriter: () => {
        if (open) closeSync(writer);
        open = false;
      },
    };
  } finally {
    rmSync(path, { force: true });
  }
}

function readerOf(fd: number, onData: (data: Buffer) => void): Socket {
  const socket = new Socket({
    fd,
    readable: true,
    writable: false,
    onread: {
      buffer: Buffer.allocUnsafe(READ_BYTES),
      callback: (count, buffer) => {
        onData(Buffer.from(buffer.buffer, buffer.byteOffset, count));
        return true;
      },
    },
  });
  socket.on('error', () => {});
  // Nothing is pushed into the stream, but only a flowing one tells its end.
  socket.resume();
  return socket;
}
