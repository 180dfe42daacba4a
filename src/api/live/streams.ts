import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GroundcrewError } from '../../base/errors/error.ts';
import { stillAllowed } from '../app/auth.ts';
import type { ApiContext } from '../app/context.ts';

const KEEP_ALIVE_MS = 15_000;

/** Server-sent events to one reader (WHATWG HTML, 9.2). */
export interface EventStream {
  /** Aborted when the reader is gone, or may not read any more, or the server ends. */
  readonly gone: AbortSignal;
  /** Has the reader not taken yet what was written? */
  readonly behind: boolean;
  /** Resolves when there is room for more: a slow reader never fills our memory. */
  write(text: string): Promise<void>;
  end(): void;
}

/** The streams of one server, so that its end does not wait for them. */
export class OpenStreams {
  readonly #open = new Map<ServerResponse, () => void>();
  #known = new WeakSet<ServerResponse>();
  #closing = false;

  /** Refused when the server is ending. */
  add(response: ServerResponse, end: () => void): void {
    if (this.#closing) throw new GroundcrewError('GC1022', {});
    this.#open.set(response, end);
    this.#known.add(response);
    response.once('close', () => this.#open.delete(response));
  }

  /** Is, or was, this answer a stream? */
  was(response: ServerResponse): boolean {
    return this.#known.has(response);
  }

  get count(): number {
    return this.#open.size;
  }

  endAll(): void {
    this.#closing = true;
    for (const end of [...this.#open.values()]) end();
  }
}

/** Turns the answer to a request into a stream of events; the reader's token is asked for again as long as it lasts. */
export function openEventStream(context: ApiContext, request: FastifyRequest, reply: FastifyReply): EventStream {
  const { clock } = context.services;
  const response = reply.raw;
  const controller = new AbortController();
  const end = (): void => {
    controller.abort(new Error('the stream ended'));
    response.end();
  };
  request.server.streams.add(response, end);
  reply.hijack();
  response.on('error', end);
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
  // The reader is to know that it is let in, also while there is nothing to tell.
  response.flushHeaders();
  const timer = clock.every(
    KEEP_ALIVE_MS,
    () => {
      if (!response.writableNeedDrain) response.write(': still here\n\n');
      void stillAllowed(request, context).then((allowed) => allowed || end());
    },
    { background: true },
  );
  response.once('close', () => {
    timer.stop();
    controller.abort(new Error('the reader is gone'));
  });
  return {
    gone: controller.signal,
    get behind() {
      return response.writableNeedDrain;
    },
    write: (text) => (controller.signal.aborted ? Promise.resolve() : writeAll(response, text)),
    end,
  };
}

async function writeAll(response: ServerResponse, text: string): Promise<void> {
  if (response.destroyed || response.write(text)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
