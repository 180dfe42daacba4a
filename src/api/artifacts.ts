import { Type } from 'typebox';
import { GroundcrewError } from '../base/errors/error.ts';
import { readArtifact } from '../flow/artifacts.ts';
import { artifactById } from '../runs/store/artifacts.ts';
import type { Api, ApiContext } from './app.ts';
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
        params: Type.Object({ id: Type.String(), artifact: Type.Integer() }),
        produces: ['application/octet-stream'],
        response: { 200: Type.String({ format: 'binary' }) },
      },
    },
    async (request, reply) => {
      const row = await artifactById(db, request.params.artifact);
      if (row === null || row.run_id !== runIdOf(request.params.id)) {
        throw new GroundcrewError('GC1002', { kind: 'artifact', id: request.params.artifact });
      }
      const name = encodeURIComponent(row.path.split('/').at(-1) ?? 'artifact');
      // Never shown in place: what a test wrote must not run as a page of ours.
      reply
        .header('content-type', 'application/octet-stream')
        .header('content-length', row.size)
        .header('content-disposition', `attachment; filename*=UTF-8''${name}`)
        .header('x-content-type-options', 'nosniff');
      return reply.send((await readArtifact(services, row)) as unknown as string);
    },
  );
}
