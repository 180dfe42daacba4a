import { sql } from 'kysely';
import { Type } from 'typebox';
import { withTimeout } from '../../base/clock.ts';
import { GroundcrewError } from '../../base/errors/error.ts';
import { Problem } from '../../protocol/api/common.ts';
import type { Api, ApiContext } from '../app/context.ts';
import { problemOf } from '../app/problem.ts';

const DATABASE_WITHIN_MS = 2000;

/** For load balancers and Kubernetes: alive, and able to serve. */
export function healthRoutes(app: Api, context: ApiContext): void {
  const { clock, connection } = context.services;
  const answer = { 200: Type.Object({ status: Type.String(), version: Type.String() }) };

  app.get(
    '/health/live',
    {
      config: { role: 'public' },
      exposeHeadRoute: true,
      schema: { operationId: 'live', summary: 'The process runs', tags: ['health'], response: answer },
    },
    async () => ({ status: 'alive', version: context.version }),
  );

  app.get(
    '/health/ready',
    {
      config: { role: 'public' },
      exposeHeadRoute: true,
      schema: {
        operationId: 'ready',
        summary: 'It serves and its database answers; 503 when not',
        tags: ['health'],
        response: { ...answer, 503: Problem },
      },
    },
    async (_request, reply) => {
      // A load balancer is to send nothing more here, while what is under way ends.
      if (context.ending) throw new GroundcrewError('GC1022', {});
      await withTimeout(
        clock,
        DATABASE_WITHIN_MS,
        async () => await sql`select 1`.execute(connection.db),
        () => new GroundcrewError('GC1008', { seconds: DATABASE_WITHIN_MS / 1000 }),
      );
      // It answers, but soon keeps nothing: 503 as for anything that passes, with the words of a full disk.
      const shortage = connection.shortage?.() ?? null;
      if (shortage !== null) return reply.code(503).type('application/problem+json').send(problemOf(shortage, 503));
      return { status: 'ready', version: context.version };
    },
  );
}
