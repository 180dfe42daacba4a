import { Type } from 'typebox';
import type { Listener } from '../store/notify.ts';
import type { Api, ApiContext } from './app.ts';

const KEEP_ALIVE_MS = 15_000;
/** Changes that come together are told together. */
const COALESCE_MS = 150;
/** Channels of the database, and the names under which clients hear of them. */
const EVENTS = {
  fleet: 'fleet',
  node: 'node',
  run: 'run',
  build: 'build',
  allocate: 'request',
  queue: 'queue',
} as const;

/**
 * Server-sent events: what changed, never the data itself. A client reads again what it shows. Payloads are the
 * identifiers that changed; a reconnect simply reads everything again.
 */
export function eventRoutes(app: Api, context: ApiContext): void {
  const { clock, listener } = context.services;
  app.get(
    '/api/v1/events',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'watch',
        summary: 'Server-sent events: which things changed',
        tags: ['live'],
        produces: ['text/event-stream'],
        response: { 200: Type.String() },
      },
    },
    (_request, reply) => {
      reply.hijack();
      const response = reply.raw;
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      response.write('retry: 1000\n\nevent: hello\ndata: {}\n\n');
      const pending = new Map<string, Set<string>>();
      const flush = (): void => {
        for (const [channel, ids] of pending)
          response.write(`event: ${channel}\ndata: ${JSON.stringify([...ids])}\n\n`);
        pending.clear();
      };
      const stops = subscribeAll(listener, (channel, id) => {
        const ids = pending.get(channel) ?? new Set<string>();
        if (ids.size < 500) ids.add(id);
        pending.set(channel, ids);
      });
      const flusher = clock.every(COALESCE_MS, flush, { background: true });
      const keepAlive = clock.every(KEEP_ALIVE_MS, () => response.write(': still here\n\n'), { background: true });
      response.on('close', () => {
        for (const stop of stops) stop();
        flusher.stop();
        keepAlive.stop();
      });
    },
  );
}

function subscribeAll(listener: Listener, onChange: (event: string, id: string) => void): (() => void)[] {
  return Object.entries(EVENTS).map(([channel, event]) =>
    listener.on(channel as keyof typeof EVENTS, (payload) => onChange(event, payload)),
  );
}
