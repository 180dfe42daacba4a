import { Type } from 'typebox';
import type { Listener } from '../../store/notify.ts';
import type { Api, ApiContext } from '../app/context.ts';
import { openEventStream } from './streams.ts';

/** Changes that come together are told together. */
const COALESCE_MS = 150;
/** More changes of a kind than this at once are told as "anything": an empty identifier. */
const IDS_MOST = 500;
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
 * Server-sent events: what changed, never the data itself. A client reads again what it shows. Data are the
 * identifiers that changed, as a JSON array; an empty one stands for anything of that kind. A reconnect simply reads
 * everything again.
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
    (request, reply) => {
      const stream = openEventStream(context, request, reply);
      const changes = new Changes();
      const stops = Object.entries(EVENTS).map(([channel, event]) =>
        listener.on(channel as Parameters<Listener['on']>[0], (id) => changes.add(event, id)),
      );
      // Before the client reads anything, so that nothing happens between its reading and our listening.
      void stream.write('retry: 1000\n\nevent: hello\ndata: {}\n\n');
      const flusher = clock.every(
        COALESCE_MS,
        () => {
          // A slow reader hears of everything at once, later: what waits for it stays small.
          if (!stream.behind) for (const text of changes.take()) void stream.write(text);
        },
        { background: true },
      );
      stream.gone.addEventListener('abort', () => {
        for (const stop of stops) stop();
        flusher.stop();
      });
    },
  );
}

/** What changed since it was last told. */
export class Changes {
  readonly #pending = new Map<string, Set<string>>();

  add(event: string, id: string): void {
    const ids = this.#pending.get(event) ?? new Set<string>();
    if (ids.size >= IDS_MOST && !ids.has(id)) {
      ids.clear();
      ids.add('');
    } else if (!ids.has('')) ids.add(id);
    this.#pending.set(event, ids);
  }

  take(): string[] {
    const texts = [...this.#pending].map(([event, ids]) => {
      return `event: ${event}\ndata: ${JSON.stringify(ids.has('') ? [''] : [...ids])}\n\n`;
    });
    this.#pending.clear();
    return texts;
  }
}
