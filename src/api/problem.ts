import type { FastifyReply, FastifyRequest } from 'fastify';
import { CATALOGUE } from '../base/errors/catalogue.ts';
import { describeCauses, GroundcrewError, messageOf } from '../base/errors/error.ts';
import type { Log } from '../base/log.ts';
import type { Problem } from '../protocol/api/common.ts';

/** Any thrown value as one of ours: what the framework refuses is GC1005, what nobody expected is GC1001. */
export function toGroundcrewError(error: unknown): GroundcrewError {
  if (error instanceof GroundcrewError) return error;
  const status = (error as { statusCode?: unknown }).statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new GroundcrewError('GC1005', { detail: messageOf(error) }, error);
  }
  return new GroundcrewError('GC1001', { detail: 'see the server log' }, error);
}

/** RFC 9457 problem details. */
export function problemOf(error: GroundcrewError, status = error.status): Problem {
  const title = CATALOGUE[error.code].what.split(/[:.\n]/)[0] ?? '';
  return {
    type: `urn:groundcrew:error:${error.code}`,
    title: title.replace(/\{(\w+)\}/g, '$1'),
    status,
    detail: error.message,
    code: error.code,
    next: error.next,
  };
}

/** Ends a request with problem details; only faults of ours are logged as errors. */
export function sendProblem(log: Log, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = toGroundcrewError(error);
  const framework = (error as { statusCode?: unknown }).statusCode;
  const status = known.code === 'GC1005' && typeof framework === 'number' ? framework : known.status;
  const fields = { method: request.method, path: pathOf(request.url), status, code: known.code };
  if (status >= 500)
    log.error({ ...fields, causes: describeCauses(error), stack: (error as Error).stack }, 'request failed');
  else log.debug({ ...fields, detail: known.message }, 'request refused');
  return reply.code(status).type('application/problem+json').send(problemOf(known, status));
}

export function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = new GroundcrewError('GC1002', { kind: 'page', id: pathOf(request.url) });
  return reply.code(404).type('application/problem+json').send(problemOf(error));
}

/** Without the query, which may carry what does not belong in a log. */
function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}
