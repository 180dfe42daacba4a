import { Type } from 'typebox';
import { dateFrom } from '../../base/clock.ts';
import { GroundcrewError } from '../../base/errors/error.ts';
import { randomSecret, secretHash } from '../../base/random.ts';
import { EnterLinkView, WhoView } from '../../protocol/api/access.ts';
import { Done } from '../../protocol/api/common.ts';
import { createToken, revokeByHash, useEnterToken } from '../../store/tokens.ts';
import { callerOf, originOf, setSignInCookie, signInOf } from '../app/auth.ts';
import type { Api, ApiContext } from '../app/context.ts';
import { time } from '../app/views.ts';

const ENTER_LINK_MS = 15 * 60_000;
const SIGN_IN_MS = 12 * 3_600_000;

/** Signing in to the dashboard: a one-use link, then a cookie. */
export function signInRoutes(app: Api, context: ApiContext): void {
  const { clock, random, connection } = context.services;

  app.get(
    '/api/v1/whoami',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'whoAmI',
        summary: 'Who the token belongs to',
        tags: ['sign-in'],
        response: { 200: WhoView },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      return {
        name: caller.name,
        role: caller.role,
        version: context.version,
        deployment_id: context.services.deployment.id,
      };
    },
  );

  app.post(
    '/api/v1/enter-links',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'createEnterLink',
        summary: 'Make a one-use link that signs a browser in as the caller',
        tags: ['sign-in'],
        response: { 201: EnterLinkView },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const secret = randomSecret(random);
      const expires = dateFrom(clock.now_ms() + ENTER_LINK_MS);
      await createToken(connection.db, {
        name: caller.name,
        kind: 'enter',
        role: caller.role,
        hash: secretHash(secret),
        expires_at: expires,
        issued_by: caller.token_id,
      });
      const url = `${originOf(request) ?? context.public_url()}/enter/${secret}`;
      return reply.code(201).send({ url, expires_at: time(expires) });
    },
  );

  app.get(
    '/enter/:secret',
    {
      config: { role: 'public' },
      schema: { hide: true, params: Type.Object({ secret: Type.String({ maxLength: 100 }) }) },
    },
    async (request, reply) => {
      const entered = await useEnterToken(connection.db, secretHash(request.params.secret));
      if (entered === null) throw new GroundcrewError('GC1007', {});
      const secret = randomSecret(random);
      const expires = dateFrom(clock.now_ms() + SIGN_IN_MS);
      await createToken(connection.db, {
        name: entered.name,
        kind: 'session',
        role: entered.role,
        hash: secretHash(secret),
        expires_at: expires,
        issued_by: entered.issued_by,
      });
      setSignInCookie(request, reply, secret, SIGN_IN_MS);
      return reply.header('cache-control', 'no-store').redirect('/', 303);
    },
  );

  app.post(
    '/api/v1/leave',
    {
      config: { role: 'viewer' },
      schema: { operationId: 'leave', summary: 'End the browser session', tags: ['sign-in'], response: { 200: Done } },
    },
    async (request, reply) => {
      const cookie = signInOf(request);
      if (cookie !== null) await revokeByHash(connection.db, secretHash(cookie));
      setSignInCookie(request, reply, '', 0);
      return { done: true as const };
    },
  );
}
