import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { GroundcrewError } from '../../base/errors/error.ts';
import type { RunId } from '../../base/ids.ts';
import { secretHash } from '../../base/random.ts';
import { ARTIFACT_LARGEST_BYTES, artifactKept, checkoutStream, storeArtifact } from '../../flow/artifacts/artifacts.ts';
import { isSessionSecret } from '../../nodes/store/agent.ts';
import { IdNumber } from '../../protocol/api/common.ts';
import { bearerOf } from '../app/auth.ts';
import type { Api, ApiContext } from '../app/context.ts';
import { streamedBody, streamedRoutes } from '../app/streamed-body.ts';

const RunAndFence = Type.Object({ run: IdNumber, fence: IdNumber });
const Bytes = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const ArtifactQuery = Type.Object({
  path: Type.String({ maxLength: 4096 }),
  kind: Type.Enum(['artifact', 'result']),
  ordinal: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000, default: 0 })),
  size: Bytes,
  offset: Type.Optional(Bytes),
  format: Type.Optional(Type.String({ maxLength: 40 })),
});
const HASH = /^[0-9a-f]{64}$/;

function credentials(request: FastifyRequest): string {
  const bearer = bearerOf(request);
  if (bearer === null) throw new GroundcrewError('GC1901', { detail: 'the request carries no session' });
  return bearer;
}

function hashOf(request: FastifyRequest): Buffer | null {
  const header = request.headers['x-content-sha256'];
  if (header === undefined) return null;
  if (typeof header !== 'string' || !HASH.test(header)) {
    throw new GroundcrewError('GC1005', { detail: 'X-Content-SHA256 is to be 64 hexadecimal digits' });
  }
  return Buffer.from(header, 'hex');
}

/** What agents send and fetch in bulk; see `AGENT_PATHS` of the protocol. */
export async function agentBulkRoutes(app: Api, context: ApiContext): Promise<void> {
  await streamedRoutes(app, (scope) => {
    // Before anything of a body is read; whose run it is, the handlers ask.
    scope.addHook('onRequest', async (request) => {
      if (!(await isSessionSecret(context.services.connection.db, secretHash(credentials(request))))) {
        throw new GroundcrewError('GC1901', { detail: 'the session is unknown' });
      }
    });
    defineRoutes(scope, context);
  });
}

function defineRoutes(app: Api, context: ApiContext): void {
  const { services } = context;
  const config = { role: 'agent' } as const;

  app.get(
    '/agent/v1/runs/:run/:fence/checkout',
    { config, schema: { hide: true, params: RunAndFence } },
    async (request, reply) => {
      const { run, fence } = request.params;
      const { size_bytes, stream } = await checkoutStream(services, credentials(request), run as RunId, fence);
      return reply.header('content-type', 'application/gzip').header('content-length', size_bytes).send(stream);
    },
  );

  app.head(
    '/agent/v1/runs/:run/:fence/artifact',
    { config, schema: { hide: true, params: RunAndFence, querystring: ArtifactQuery } },
    async (request, reply) => {
      const { run, fence } = request.params;
      const upload = { ...request.query, sha256: hashOf(request) };
      const { kept_bytes, complete } = await artifactKept(services, credentials(request), run as RunId, fence, upload);
      return reply.header('x-kept-bytes', kept_bytes).header('x-complete', String(complete)).send();
    },
  );

  app.put(
    '/agent/v1/runs/:run/:fence/artifact',
    {
      config,
      bodyLimit: ARTIFACT_LARGEST_BYTES,
      schema: { hide: true, params: RunAndFence, querystring: ArtifactQuery },
    },
    async (request, reply) => {
      const body = streamedBody(request.raw, reply.raw);
      try {
        await putArtifact(context, request, request.params, request.query, body);
      } finally {
        body.destroy();
      }
      return reply.code(204).send();
    },
  );
}

async function putArtifact(
  context: ApiContext,
  request: FastifyRequest,
  at: Static<typeof RunAndFence>,
  query: Static<typeof ArtifactQuery>,
  body: Readable,
): Promise<void> {
  const sha256 = hashOf(request);
  if (sha256 === null) throw new GroundcrewError('GC1005', { detail: 'an upload needs the header X-Content-SHA256' });
  const upload = { ...query, ordinal: query.ordinal ?? 0, sha256 };
  await storeArtifact(context.services, credentials(request), at.run as RunId, at.fence, upload, body);
}
