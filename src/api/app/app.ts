import cookie from '@fastify/cookie';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import websocket from '@fastify/websocket';
import fastify from 'fastify';
import { GroundcrewError } from '../../base/errors/error.ts';
import { endSocket } from '../live/sockets.ts';
import { OpenStreams } from '../live/streams.ts';
import { boundBodies, limitConnections, refuseConnections } from './connections.ts';
import type { Api, ApiContext } from './context.ts';
import { addEntityTag, addSecurityHeaders } from './headers.ts';
import { describeProblems, hasNul } from './input.ts';
import { sendProblem } from './problem.ts';
import { RouteTable } from './route-table.ts';

/** Largest JSON body; archives and artifacts are streamed and have bounds of their own. */
const BODY_LIMIT_BYTES = 4 * 2 ** 20;
/** Largest websocket frame: a log chunk in base64 with its envelope, with room. */
const FRAME_LIMIT_BYTES = 2 ** 20;
/** A connection on which nothing moves for so long is cut: streams and websockets give signs of life more often. */
const SILENCE_LONGEST_MS = 120_000;

declare module 'fastify' {
  interface FastifyInstance {
    /** Answers that have no end of their own. */
    streams: OpenStreams;
  }
}

/** A server without routes: bounds, websockets, and problem details for every error. */
export async function createApp(context: ApiContext): Promise<Api> {
  const { clock, log } = context.services;
  const dashboard = context.dashboard_directory;
  const app: Api = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    logger: false,
    // Requests that are under way are answered; see `closeApp`.
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // A large upload takes its time, as long as it moves; see `boundBodies` for the others.
    requestTimeout: 0,
    connectionTimeout: SILENCE_LONGEST_MS,
    keepAliveTimeout: 65_000,
    // HEAD would do all the work of a GET: make a backup, spend a link.
    exposeHeadRoutes: false,
    // A project's slug and a version are whole path or query parts and may be long.
    routerOptions: { maxParamLength: 500 },
    ajv: { customOptions: { coerceTypes: true, removeAdditional: false, useDefaults: true, verbose: true } },
    schemaErrorFormatter: describeProblems,
    clientErrorHandler: refuseConnections(clock),
    frameworkErrors: (error, request, reply) => void sendProblem(log, error, request, reply, dashboard),
  }).withTypeProvider<TypeBoxTypeProvider>();
  limitConnections(app.server, clock, log);
  boundBodies(app, clock);
  app.decorate('streams', new OpenStreams());
  const routes = new RouteTable(app);
  app.setErrorHandler((error, request, reply) => sendProblem(log, error, request, reply, dashboard));
  app.setNotFoundHandler((request, reply) => sendProblem(log, routes.whyNotFound(request), request, reply, dashboard));
  // Bodies are JSON, or streams; see `streamedRoutes`.
  app.removeContentTypeParser('text/plain');
  app.addHook('preValidation', async (request) => {
    // PostgreSQL keeps no text with it, and no honest text has it.
    if (hasNul(request.query) || hasNul(request.params) || hasNul(request.body)) {
      throw new GroundcrewError('GC1005', { detail: 'a text holds the character NUL' });
    }
  });
  app.addHook('onSend', addSecurityHeaders);
  app.addHook('onSend', addEntityTag);
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const labels = { method: request.method, route };
    context.services.metrics?.count('http_requests', { ...labels, status: String(reply.statusCode) });
    if (request.raw.headers.upgrade === undefined && !app.streams.was(reply.raw)) {
      context.services.metrics?.duration('http_request', reply.elapsedTime, labels);
    }
  });
  await app.register(cookie);
  await app.register(websocket, {
    options: { maxPayload: FRAME_LIMIT_BYTES },
    errorHandler: (_error, socket) => socket.terminate(),
    preClose(done) {
      for (const client of app.websocketServer.clients) endSocket(client, clock, 1001, 'the server is ending');
      app.streams.endAll();
      done();
    },
  });
  return app;
}
