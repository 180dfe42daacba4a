import { Type } from 'typebox';
import { GroundcrewError } from '../../base/errors/error.ts';
import { readArtifact } from '../../flow/artifacts/artifacts.ts';
import { IdNumber, IdParameter } from '../../protocol/api/common.ts';
import { artifactById } from '../../runs/store/artifacts.ts';
import type { Api, ApiContext } from '../app/context.ts';
import { runIdOf } from './runs.ts';

/** The files that a run left. */
export function artifactRoutes(app: Api, context: ApiContext): void {
  const { services } = context;
  const { db } = services.connection;
  const tags = ['runs'];
  app.get(
    '/api/v1/runs/:id/artifacts/:artifact',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'getArtifact',
        summary: 'The bytes of one artifact or results file',
        tags,
        params: Type.Object({ ...IdParameter.properties, artifact: IdNumber }),
        produces: ['application/octet-stream'],
        response: { 200: Type.String({ format: 'binary' }) },
      },
    },
    async (request, reply) => {
      const row = await artifactById(db, request.params.artifact);
      if (row === null || row.run_id !== runIdOf(request.params.id)) {
        throw new GroundcrewError('GC1002', { kind: 'artifact', id: request.params.artifact });
      }
      const stream = await readArtifact(services, row);
      // Never shown in place: what a test wrote must not run as a page of ours.
      reply
        .header('content-type', 'application/octet-stream')
        .header('content-length', row.size)
        .header('content-disposition', attachment(row.path.split('/').at(-1) ?? 'artifact'));
      return reply.send(stream as unknown as string);
    },
  );
}

/** Content-Disposition (RFC 6266): the name in plain ASCII for old programs, and whole for the others. */
export function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const whole = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
}
