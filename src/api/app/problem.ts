import { STATUS_CODES } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describeCauses, GroundcrewError, messageOf } from '../../base/errors/error.ts';
import type { Log } from '../../base/log.ts';
import type { Problem } from '../../protocol/api/common.ts';
import { isConnectionLost, translateDatabaseError } from '../../store/connection-errors.ts';
import { sendProblemPage } from './problem-page.ts';

/** Any thrown value as one of ours: what the framework refuses is GC1005, what nobody expected is GC1001. */
export function toGroundcrewError(thrown: unknown): GroundcrewError {
  const error = translateDatabaseError(thrown);
  if (error instanceof GroundcrewError) return error;
  if (isConnectionLost(error)) return new GroundcrewError('GC1021', {}, error);
  const status = frameworkStatus(error);
  if (status !== null) return new GroundcrewError('GC1005', { detail: messageOf(error) }, error);
  return new GroundcrewError('GC1001', { detail: 'see the server log' }, error);
}

/** RFC 9457 problem details. */
export function problemOf(error: GroundcrewError, status = error.status): Problem {
  return {
    type: `urn:groundcrew:error:${error.code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: error.message,
    code: error.code,
    next: error.next,
  };
}

/**
 * Ends a request with problem details, as a page for a person in a browser when the dashboard's directory is given;
 * only faults of ours are logged as errors.
 */
export function sendProblem(
  log: Log,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  dashboard_directory: string | null = null,
): FastifyReply {
  const known = toGroundcrewError(error);
  const status = (known.code === 'GC1005' ? frameworkStatus(error) : null) ?? known.status;
  const fields = { method: request.method, path: shownPath(request), status, code: known.code };
  const gone = hasLeft(request);
  if (status < 500) log.debug({ ...fields, detail: known.message }, 'request refused');
  else if (gone) log.debug({ ...fields, causes: describeCauses(error) }, 'the client went away');
  else if (status === 503) log.warn({ ...fields, causes: describeCauses(error) }, 'request could not be served');
  else log.error({ ...fields, causes: describeCauses(error), stack: (error as Error).stack }, 'request failed');
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="groundcrew"');
  if (known.code === 'GC1019') reply.header('allow', known.parameters.methods);
  if (status === 503) reply.header('retry-after', '2');
  const problem = problemOf(known, status);
  if (sendProblemPage(dashboard_directory, problem, request, reply)) return reply;
  return reply.code(status).type('application/problem+json').send(problem);
}

/** Did the client break off? A body that was thrown away because of an error of ours (a full disk) looks the same but for that. */
function hasLeft({ raw }: FastifyRequest): boolean {
  const code = (raw.errored as NodeJS.ErrnoException | null)?.code;
  return raw.destroyed && !raw.complete && (code === undefined || code === 'ECONNRESET');
}

/** The status with which the framework refuses a request, or null. */
function frameworkStatus(error: unknown): number | null {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null;
}

/** The path of a request, for logs and messages: without the query, and without a sign-in link's secret. */
export function shownPath(request: FastifyRequest): string {
  const path = pathOf(request.url);
  return path.startsWith('/enter/') ? '/enter/…' : path;
}

/** Without the query. */
export function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}
