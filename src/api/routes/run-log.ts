import { Type } from 'typebox';
import { GroundcrewError, messageOf } from '../../base/errors/error.ts';
import type { RunId } from '../../base/ids.ts';
import { followLog, readLog } from '../../flow/logs/run-log.ts';
import { IdParameter } from '../../protocol/api/common.ts';
import { LogQuery } from '../../protocol/api/runs.ts';
import { findRun } from '../../runs/store/list.ts';
import { type LogRow, logOfRun } from '../../runs/store/log.ts';
import type { Api, ApiContext } from '../app/context.ts';
import { type EventStream, openEventStream } from '../live/streams.ts';
import { runIdOf } from './runs.ts';

const DEFAULT_LIMIT_BYTES = 2 ** 20;

const EMPTY_LOG: LogRow = {
  bytes: 0,
  blob: null,
  lines: null,
  first_error_offset: null,
  first_error_line: null,
  live: true,
};

/** A run's log: by byte range, and live. */
export function runLogRoutes(app: Api, context: ApiContext): void {
  const { services } = context;

  app.get(
    '/api/v1/runs/:id/log',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'getLog',
        summary:
          'Bytes of the log from an offset; header X-Log-Bytes tells how many there are, X-Log-Live whether more may come',
        tags: ['runs'],
        params: IdParameter,
        querystring: LogQuery,
        produces: ['text/plain'],
        response: { 200: Type.String() },
      },
    },
    async (request, reply) => {
      const id = runIdOf(request.params.id);
      const { offset = 0, limit = DEFAULT_LIMIT_BYTES } = request.query;
      const log = await logOf(context, id);
      const end = Math.min(log.bytes, offset + limit);
      reply
        .header('content-type', 'text/plain; charset=utf-8')
        .header('x-log-bytes', log.bytes)
        .header('x-log-live', String(log.live));
      if (offset >= end) return reply.send('');
      // An answer that breaks off is seen as one.
      reply.header('content-length', end - offset);
      return reply.send((await readLog(services, id, { start: offset, end })) as unknown as string);
    },
  );

  app.get(
    '/api/v1/runs/:id/log/stream',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'followLog',
        summary:
          'Server-sent events: the log from an offset, as it grows. Each event id is the offset after its data (base64)',
        tags: ['live'],
        params: IdParameter,
        querystring: Type.Object({ offset: LogQuery.properties.offset }),
        produces: ['text/event-stream'],
        response: { 200: Type.String() },
      },
    },
    async (request, reply) => {
      const id = runIdOf(request.params.id);
      await logOf(context, id);
      const offset = resumedAt(request.headers['last-event-id']) ?? request.query.offset ?? 0;
      await follow(context, id, offset, openEventStream(context, request, reply));
    },
  );
}

/** Where a reader was that comes again: the identifier of the last event that it had. */
function resumedAt(header: string | string[] | undefined): number | null {
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : null;
}

async function logOf(context: ApiContext, id: RunId): Promise<LogRow> {
  const { db } = context.services.connection;
  const log = await logOfRun(db, id);
  if (log !== null) return log;
  const run = await findRun(db, id);
  if (run === null) throw new GroundcrewError('GC1002', { kind: 'run', id });
  return { ...EMPTY_LOG, live: run.state !== 'finished' };
}

async function follow(context: ApiContext, id: RunId, from: number, stream: EventStream): Promise<void> {
  const { services } = context;
  try {
    let end = from;
    for await (const { offset, data } of followLog(services, id, from, stream.gone)) {
      end = offset + data.length;
      await stream.write(`id: ${end}\nevent: log\ndata: ${data.toString('base64')}\n\n`);
    }
    await stream.write(`id: ${end}\nevent: end\ndata: {}\n\n`);
  } catch (error) {
    // The reader comes again from where it was.
    services.log.warn({ run: id, error: messageOf(error) }, 'a live log broke off');
  } finally {
    stream.end();
  }
}
