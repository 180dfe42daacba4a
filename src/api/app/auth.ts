import type { FastifyReply, FastifyRequest } from 'fastify';
import { GroundcrewError, messageOf } from '../../base/errors/error.ts';
import { secretHash } from '../../base/random.ts';
import type { Role } from '../../store/schema/base.ts';
import { findToken, type TokenRow } from '../../store/tokens.ts';
import type { Api, ApiContext } from './context.ts';

const SIGN_IN_COOKIE = 'groundcrew_session';
/** Requests that change something and come with a cookie must carry this header, which no foreign page can set. */
export const CLIENT_HEADER = 'x-groundcrew-client';

const RANKS: Readonly<Record<Role, number>> = { viewer: 0, submitter: 1, operator: 2, admin: 3 };

/** Who asks. */
export interface Caller {
  name: string;
  role: Role;
  /** The program's token behind it; a session's is the one that it was made with. */
  token_id: number;
  /** Of the secret that came with the request. */
  hash: Buffer;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The least role; `public` needs no token, `agent` checks its own credentials. A route without one answers nobody. */
    role?: Role | 'public' | 'agent';
    /** For the description: what more is needed, and when. */
    role_note?: string;
  }
  interface FastifyRequest {
    caller: Caller | null;
  }
}

export function hasRole(caller: Caller, needed: Role): boolean {
  return RANKS[caller.role] >= RANKS[needed];
}

/** Checks the token of each request against the role that its route names. */
export function installAuthentication(app: Api, context: ApiContext): void {
  app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request) => {
    const needed = request.routeOptions.config.role;
    if (needed === 'public' || needed === 'agent') return;
    if (request.is404) return;
    const caller = await identify(request, context);
    if (needed === undefined || !hasRole(caller, needed)) {
      throw new GroundcrewError('GC1004', {
        role: caller.role,
        action: actionOf(request),
        needed: needed ?? 'what no role has',
      });
    }
    request.caller = caller;
  });
}

function whyNoBearer(request: FastifyRequest): string {
  return request.headers.authorization === undefined
    ? 'none was sent'
    : 'its Authorization header is not of the form "Bearer TOKEN"';
}

/** What a request wants, in words: its route's summary up to the first stop. */
export function actionOf(request: FastifyRequest): string {
  const { schema, url } = request.routeOptions;
  const { summary } = (schema ?? {}) as { summary?: string };
  return summary?.split(/[:;]/, 1)[0] ?? `${request.method} ${url ?? ''}`;
}

async function identify(request: FastifyRequest, context: ApiContext): Promise<Caller> {
  const bearer = bearerOf(request);
  if (bearer !== null) return await known(bearer, 'api', context);
  const cookie = signInOf(request);
  if (cookie === null) throw new GroundcrewError('GC1003', { detail: whyNoBearer(request) });
  if (request.method !== 'GET' && request.method !== 'HEAD' && !request.headers[CLIENT_HEADER]) {
    throw new GroundcrewError('GC1005', { detail: `a change made with a cookie needs the header ${CLIENT_HEADER}` });
  }
  if (request.headers.upgrade !== undefined && !isSameOrigin(request)) {
    throw new GroundcrewError('GC1005', {
      detail: 'a websocket opened with a cookie must come from the dashboard itself',
    });
  }
  return await known(cookie, 'session', context);
}

async function known(secret: string, kind: 'api' | 'session', context: ApiContext): Promise<Caller> {
  const token = await findToken(context.services.connection.db, secretHash(secret));
  if (token === null || token.kind !== kind) {
    const what = kind === 'api' ? 'the one that came' : 'the sign-in that came';
    throw new GroundcrewError('GC1003', { detail: `${what} is unknown, expired or revoked` });
  }
  return callerFrom(token);
}

function callerFrom({ id, issued_by, name, role, hash }: TokenRow): Caller {
  return { name, role, token_id: issued_by ?? id, hash };
}

/** For what lasts: is the caller's token still good? While the database does not say, it is taken to be. */
export async function stillAllowed(request: FastifyRequest, context: ApiContext): Promise<boolean> {
  try {
    return (await findToken(context.services.connection.db, callerOf(request).hash)) !== null;
  } catch (error) {
    context.services.log.debug({ error: messageOf(error) }, 'could not ask whether a token is still good');
    return true;
  }
}

function isSameOrigin(request: FastifyRequest): boolean {
  const origin = request.headers.origin;
  return origin === undefined || URL.parse(origin)?.host === request.headers.host;
}

/** The secret of an `Authorization: Bearer` header, or null. */
export function bearerOf(request: FastifyRequest): string | null {
  const match = /^Bearer ([A-Za-z0-9._~+/=-]{1,500})$/i.exec(request.headers.authorization ?? '');
  return match?.[1] ?? null;
}

/** The secret in the dashboard's cookie, or null. */
export function signInOf(request: FastifyRequest): string | null {
  return request.cookies[SIGN_IN_COOKIE] || null;
}

/** The caller of a route that needs one. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new GroundcrewError('GC1003', { detail: 'none was sent' });
  return request.caller;
}

/** The address under which the caller reached us: `https://host`. A proxy in front says so by X-Forwarded-Proto. */
export function originOf(request: FastifyRequest): string | null {
  const { host } = request.headers;
  if (host === undefined || !/^[A-Za-z0-9.:[\]_-]{1,255}$/.test(host)) return null;
  return `${isEncrypted(request) ? 'https' : 'http'}://${host}`;
}

function isEncrypted(request: FastifyRequest): boolean {
  return request.protocol === 'https' || request.headers['x-forwarded-proto'] === 'https';
}

/** Sets the dashboard's cookie: not readable by scripts, not sent along from other sites. An empty one ends it. */
export function setSignInCookie(request: FastifyRequest, reply: FastifyReply, secret: string, age_ms: number): void {
  reply.setCookie(SIGN_IN_COOKIE, secret, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: isEncrypted(request),
    maxAge: Math.floor(age_ms / 1000),
  });
}
