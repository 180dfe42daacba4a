import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Nothing but our own files runs, is shown or is embedded. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";
/** A larger answer costs more to compare than it saves. */
const TAGGED_LARGEST_CHARACTERS = 2 ** 20;

/** On every answer: browsers are to run, guess, embed and pass on nothing that we did not mean. */
export async function addSecurityHeaders(
  _request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  // A worker has the policy of its script, and asks the server as the page does.
  const isPage = /^(text\/html|(text|application)\/javascript)/.test(contentType(reply));
  reply
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .header('cross-origin-resource-policy', 'same-origin');
  // An answer "not modified" has no type: what it says would replace the policy of the page that the browser kept.
  if (reply.statusCode !== 304) reply.header('content-security-policy', isPage ? PAGE_POLICY : DATA_POLICY);
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  return payload;
}

/** JSON that a client has already is not sent again: a weak entity tag, since only its meaning is the same. */
export async function addEntityTag(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (request.method !== 'GET' || reply.statusCode !== 200 || typeof payload !== 'string') return payload;
  if (!contentType(reply).startsWith('application/json') || payload.length > TAGGED_LARGEST_CHARACTERS) return payload;
  const tag = `W/"${createHash('sha1').update(payload).digest('base64url')}"`;
  reply.header('etag', tag).header('cache-control', 'private, no-cache');
  const known = (request.headers['if-none-match'] ?? '').split(',').map((word) => word.trim());
  if (!known.includes(tag)) return payload;
  reply.code(304).removeHeader('content-type').removeHeader('content-length');
  return null;
}

function contentType(reply: FastifyReply): string {
  return String(reply.getHeader('content-type') ?? '');
}
