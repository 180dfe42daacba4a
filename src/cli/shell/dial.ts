import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { problemFrom } from '../../protocol/client.ts';
import type { Client } from '../connect.ts';
import { unreachable } from '../unreachable.ts';

const DIAL_WITHIN_MS = 15_000;
/** Output comes in parts far below this. */
const FRAME_AT_MOST_BYTES = 16 * 2 ** 20;

export interface ShellQuery {
  rows: number;
  columns: number;
  /** Null: a terminal. */
  command: string | null;
}

/** Opens the websocket of a shell. Errors: the server's refusal, GC1011. */
export function dial(client: Client, node: string, { rows, columns, command }: ShellQuery): Promise<WebSocket> {
  const query = new URLSearchParams({ rows: String(rows), columns: String(columns) });
  if (command !== null) query.set('command', command);
  const address = `${client.url.replace(/^http/, 'ws')}/api/v1/nodes/${encodeURIComponent(node)}/shell?${query}`;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, {
      headers: { ...client.headers },
      handshakeTimeout: DIAL_WITHIN_MS,
      maxPayload: FRAME_AT_MOST_BYTES,
    });
    const failed = (error: Error): void => reject(unreachable(error, client.url, client.named_by));
    socket.once('error', failed);
    socket.once('unexpected-response', (_request, response) => {
      refusal(response).then(reject, failed);
    });
    socket.once('open', () => {
      socket.off('error', failed);
      resolve(socket);
    });
  });
}

/** The problem details that came instead of an upgrade. */
async function refusal(response: IncomingMessage): Promise<Error> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  const status = response.statusCode ?? 500;
  return await problemFrom(
    new Response(Buffer.concat(parts).toString(), { status, statusText: response.statusMessage ?? '' }),
  );
}
