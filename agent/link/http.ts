import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';

/**
 * Required, not imported: an import of node:http reads all that it exports, and with its WebSocket Node loads the whole
 * of fetch, 4 MB that the agent has no use for.
 */
const { request: requestHttp } = createRequire(import.meta.url)('node:http') as typeof import('node:http');

/** Where the server is, taken apart for node:http and for `ws`. */
export interface ServerAddress {
  socket_path: string | null;
  /** `http://host:port`; for a unix socket a placeholder host. */
  origin: string;
}

/** `unix:/path`, `http://…` or `https://…`. */
export function serverAddress(server_url: string): ServerAddress {
  if (server_url.startsWith('unix:')) return { socket_path: server_url.slice(5), origin: 'http://localhost' };
  return { socket_path: null, origin: server_url.replace(/\/+$/, '') };
}

export interface HttpRequest {
  method: 'GET' | 'HEAD' | 'PUT';
  path: string;
  bearer: string | null;
  headers?: Record<string, string | number>;
  body?: Readable;
  /** Ended when no byte moves for this long. */
  idle_timeout_ms: number;
  signal?: AbortSignal;
}

/**
 * One request; resolves with the response's head, its body unread. Rejects on any failure of the transport. Node's own
 * client rather than fetch: it speaks over unix sockets and costs 15 MB less memory.
 */
export function httpRequest(address: ServerAddress, options: HttpRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const url = new URL(options.path, address.origin);
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const request: ClientRequest = send(url, {
      method: options.method,
      agent: false,
      headers: {
        // Whoever closes first may lose what is under way: a server that closes after its answer breaks our pipe, and
        // with it the answer. So the server is asked to leave that to us.
        connection: 'keep-alive',
        ...(options.bearer === null ? {} : { authorization: `Bearer ${options.bearer}` }),
        ...options.headers,
      },
      ...(address.socket_path === null ? {} : { socketPath: address.socket_path }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    request.setTimeout(options.idle_timeout_ms, () => request.destroy(new Error('the server did not answer in time')));
    let answered = false;
    request.on('response', (response) => {
      answered = true;
      // Also when the body is not all sent: the answer is whole.
      response.once('end', () => request.destroy());
      resolve(response);
    });
    request.on('error', (error) => {
      if (!answered) reject(error);
    });
    if (!options.body) return void request.end();
    const body = options.body;
    body.on('error', (error) => request.destroy(error));
    // A server that refuses early answers before it has read all: its answer counts, not the broken pipe.
    request.on('close', () => body.destroy());
    body.pipe(request);
  });
}

/** Reads and forgets a body, so that the connection ends cleanly. */
export async function discard(response: IncomingMessage): Promise<void> {
  response.resume();
  await new Promise<void>((resolve) => {
    response.on('close', resolve);
    response.on('error', () => resolve());
  });
}
