import { readFileSync } from 'node:fs';
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../base/clock.ts';
import { GroundcrewError, messageOf } from '../../base/errors/error.ts';
import type { Log } from '../../base/log.ts';
import type { Api } from './context.ts';
import { problemOf } from './problem.ts';

/** JSON, and what is left of any body when its answer is out, is here within so long. */
const BODY_WITHIN_MS = 60_000;
/** Of the files that the process may open; the rest is for the database, objects and the other server. */
const CONNECTIONS_SHARE = 0.4;
const CONNECTIONS_LEAST = 16;
const TOLD_EVERY_MS = 60_000;
/** A refused client that goes on sending has so long to hear why. */
const LINGER_MS = 2_000;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The handler takes the body from the raw request: it may last, as long as it moves. */
    streamed?: boolean;
  }
}

/**
 * Ends connections whose body comes too slowly: a client that sends a byte now and then keeps a connection open for ever
 * else. Streamed bodies are bounded by silence alone, until they are answered.
 */
export function boundBodies(app: Api, clock: Clock, within_ms = BODY_WITHIN_MS): void {
  app.server.on('request', (request: IncomingMessage, response) => {
    response.once('finish', () => endUnlessComplete(request, clock, within_ms));
  });
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.streamed === true) return;
    endUnlessComplete(request.raw, clock, within_ms, () => !reply.raw.headersSent);
  });
}

function endUnlessComplete(request: IncomingMessage, clock: Clock, within_ms: number, unanswered = () => false): void {
  const { headers, socket } = request;
  const has_body = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (!has_body || request.complete || socket.destroyed) return;
  let timer: Timer | null = null;
  const forget = (): void => {
    timer?.stop();
    socket.off('close', forget);
    request.off('end', forget);
  };
  timer = clock.after(
    within_ms,
    () => {
      forget();
      if (request.complete) return;
      if (!unanswered()) socket.destroy();
      else endWithProblem(socket, clock, `the body did not arrive within ${within_ms / 1000} s`, 408);
    },
    { background: true },
  );
  socket.once('close', forget);
  request.once('end', forget);
}

const REFUSALS: Readonly<Record<string, [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'its head is too large'],
  HPE_INVALID_METHOD: [400, 'HTTP has no such method'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'it did not arrive in time'],
};

/** What is not HTTP, or more of it than is read, gets problem details as well; see `clientErrorHandler` of the framework. */
export function refuseConnections(clock: Clock): (error: Error & { code?: string }, socket: Socket) => void {
  return (error, socket) => {
    if (error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const [status, detail] = REFUSALS[error.code ?? ''] ?? [400, `it is not HTTP: ${messageOf(error)}`];
    endWithProblem(socket, clock, detail, status);
  };
}

/**
 * The last that is said on a connection. It is not closed at once on what its client still sends, since that breaks the
 * client's pipe, and with it the answer: what comes is thrown away, never taken for the rest of a request.
 */
function endWithProblem(socket: Socket, clock: Clock, detail: string, status: number): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(problemOf(new GroundcrewError('GC1005', { detail }), status));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'x-content-type-options: nosniff',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  const timer = clock.after(LINGER_MS, () => socket.destroy(), { background: true });
  socket.once('close', () => timer.stop());
  const ignore = (): void => undefined;
  // The parser lets go of the connection when somebody else listens, and goes on as a listener of its own.
  socket.on('data', ignore);
  for (const listener of socket.listeners('data')) if (listener !== ignore) socket.off('data', listener as () => void);
  socket.resume();
}

/** Keeps room for everything else that a process opens; what is more is closed at once, with a line in the log. */
export function limitConnections(server: Server, clock: Clock, log: Log, most = connectionsMost()): void {
  if (most === null) return;
  server.maxConnections = most;
  let next_ms = 0;
  let refused = 0;
  server.on('drop', () => {
    refused++;
    const now_ms = clock.monotonic_ms();
    if (now_ms < next_ms) return;
    next_ms = now_ms + TOLD_EVERY_MS;
    log.error({ connections: most, refused }, 'connections were refused: the limit of open files allows no more');
    refused = 0;
  });
}

function connectionsMost(): number | null {
  const files = openFilesMost();
  return files === null ? null : Math.max(CONNECTIONS_LEAST, Math.floor(files * CONNECTIONS_SHARE));
}

/** The soft limit of open files of this process; null when it has none, or does not say. */
export function openFilesMost(limits = readLimits()): number | null {
  const found = /^Max open files +(\d+) /m.exec(limits);
  return found === null ? null : Number(found[1]);
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}
