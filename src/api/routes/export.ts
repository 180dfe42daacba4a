import { PassThrough } from 'node:stream';
import { Type } from 'typebox';
import { messageOf } from '../../base/errors/error.ts';
import { recordAudit } from '../../store/audit.ts';
import { exportDatabase } from '../../store/export.ts';
import { callerOf } from '../app/auth.ts';
import type { Api, ApiContext } from '../app/context.ts';

const ExportQuery = Type.Object({
  objects: Type.Optional(
    Type.Boolean({ default: false, description: 'Logs, artifacts and checkouts, too, not the database alone' }),
  ),
});

/** A backup of everything, as of one moment, while everything goes on. */
export function exportRoutes(app: Api, context: ApiContext): void {
  const { services } = context;
  app.get(
    '/api/v1/export',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'exportAll',
        summary: 'A backup, to be read by groundcrew import; one that was cut off is refused there',
        tags: ['backup'],
        querystring: ExportQuery,
        produces: ['application/octet-stream'],
        response: { 200: Type.String({ format: 'binary' }) },
      },
    },
    async (request, reply) => {
      await recordAudit(services.connection.db, callerOf(request).name, 'export', 'database', request.query);
      const stream = new PassThrough();
      const objects = request.query.objects ? { objects: services.blobs } : {};
      exportDatabase(services.connection, stream, { clock: services.clock, ...objects }).catch((error: unknown) => {
        services.log.warn({ error: messageOf(error) }, 'an export broke off');
        // The reader sees a connection that breaks, never a file that looks whole.
        stream.destroy(error as Error);
      });
      reply.header('content-type', 'application/octet-stream').header('cache-control', 'no-store');
      return reply.send(stream as unknown as string);
    },
  );
}
