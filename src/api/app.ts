import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import websocket from '@fastify/websocket';
import fastify, { type FastifyBaseLogger, type FastifyInstance, type RawServerDefault } from 'fastify';
import type { Services } from '../flow/services.ts';
import { sendNotFound, sendProblem } from './problem.ts';

/** Largest JSON body; archives and artifacts are streamed and have bounds of their own. */
const BODY_LIMIT_BYTES = 4 * 2 ** 20;
/** Largest websocket frame: a log chunk in base64 with its envelope, with room. */
const FRAME_LIMIT_BYTES = 2 ** 20;

export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** What every route is handed. */
export interface ApiContext {
  services: Services;
  version: string;
  /** Where people reach it, for links. */
  public_url(): string;
  /** The built dashboard, or null when it was not built. */
  dashboard_directory: string | null;
}

/** A server without routes: bounds, websockets, and problem details for every error. */
export async function createApp(context: ApiContext): Promise<Api> {
  const app: Api = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    logger: false,
    // A held request of ours never outlives a drain: open streams are closed by their own handlers.
    forceCloseConnections: true,
    return503OnClosing: true,
    requestTimeout: 0,
    keepAliveTimeout: 65_000,
    // A project's slug and a version are whole path or query parts and may be long.
    routerOptions: { maxParamLength: 500 },
    ajv: { customOptions: { coerceTypes: true, removeAdditional: false, allErrors: false, useDefaults: true } },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setErrorHandler((error, request, reply) => sendProblem(context.services.log, error, request, reply));
  app.setNotFoundHandler(sendNotFound);
  // Archives and artifacts are streams: no parser reads them into memory, handlers take them from the raw request.
  app.addContentTypeParser(['application/gzip', 'application/octet-stream'], (_request, _payload, done) => done(null));
  await app.register(websocket, { options: { maxPayload: FRAME_LIMIT_BYTES } });
  return app;
}
