import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import type { Api } from './context.ts';

/** What archives and artifacts come as. */
const STREAMED_TYPES = ['application/gzip', 'application/octet-stream'];

/**
 * Routes whose bodies are too large for memory: handlers take them from the raw request, by `streamedBody`. A body of
 * any other type is refused with 415 before a byte of it is read.
 */
export async function streamedRoutes(app: Api, define: (scope: Api) => void): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, streamed: true };
    });
    scope.addContentTypeParser(STREAMED_TYPES, (_request, _payload, done) => done(null));
    define(scope);
  });
}

/**
 * The body of a request as it comes in. Destroying it does not destroy the connection: whatever the reason, there is an
 * answer to give. What is left of the body is read and thrown away, since an answer gets lost when a connection is
 * closed on what its client still sends; a client that has its answer ends the connection itself.
 */
export function streamedBody(request: IncomingMessage, response: ServerResponse): Readable {
  const body = new PassThrough({
    destroy(error, done) {
      request.unpipe(body);
      if (!request.complete) response.shouldKeepAlive = true;
      request.resume();
      done(error);
    },
  });
  const broken = (error?: Error): void => {
    if (!body.writableEnded) body.destroy(error ?? new Error('the sender broke off'));
  };
  request.once('error', broken);
  request.once('close', () => broken());
  if (request.destroyed && !request.complete) broken(request.errored ?? undefined);
  else request.pipe(body);
  return body;
}
