import { Type } from 'typebox';
import { dateFrom } from '../../base/clock.ts';
import { GroundcrewError } from '../../base/errors/error.ts';
import { randomSecret, secretHash } from '../../base/random.ts';
import { NewTokenView, TokenBody, TokenView } from '../../protocol/api/access.ts';
import { Done, NumberParameter } from '../../protocol/api/common.ts';
import { recordAudit } from '../../store/audit.ts';
import { createToken, listTokens, revokeToken, type TokenRow } from '../../store/tokens.ts';
import { callerOf } from '../app/auth.ts';
import type { Api, ApiContext } from '../app/context.ts';
import { time, timeOrNull } from '../app/views.ts';

function viewOf(row: TokenRow): TokenView {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    created_at: time(row.created_at),
    expires_at: timeOrNull(row.expires_at),
    revoked_at: timeOrNull(row.revoked_at),
  };
}

/** API tokens: made, listed and revoked by admins; the secret is shown once. */
export function tokenRoutes(app: Api, context: ApiContext): void {
  const { clock, random, connection } = context.services;
  const tags = ['tokens'];

  app.get(
    '/api/v1/tokens',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'listTokens',
        summary: 'API tokens',
        tags,
        response: { 200: Type.Object({ items: Type.Array(TokenView) }) },
      },
    },
    async () => ({ items: (await listTokens(connection.db)).map(viewOf) }),
  );

  app.post(
    '/api/v1/tokens',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'createToken',
        summary: 'Make an API token',
        tags,
        body: TokenBody,
        response: { 201: NewTokenView },
      },
    },
    async (request, reply) => {
      const { name, role, expires_in_ms } = request.body;
      const secret = randomSecret(random);
      const expires_at = expires_in_ms === undefined ? null : dateFrom(clock.now_ms() + expires_in_ms);
      const row = await connection.db.transaction().execute(async (tx) => {
        const made = await createToken(tx, { name, kind: 'api', role, hash: secretHash(secret), expires_at });
        await recordAudit(tx, callerOf(request).name, 'token.create', `token ${made.id}`, { name, role });
        return made;
      });
      return reply.code(201).send({ token: viewOf(row), secret });
    },
  );

  app.delete(
    '/api/v1/tokens/:id',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'revokeToken',
        summary: 'Revoke an API token, and with it the sessions that come from it',
        tags,
        params: NumberParameter,
        response: { 200: Done },
      },
    },
    async (request) => {
      const { id } = request.params;
      await connection.db.transaction().execute(async (tx) => {
        if (!(await revokeToken(tx, id))) {
          const isKnown = (await listTokens(tx)).some((token) => token.id === id);
          throw isKnown ? new GroundcrewError('GC1025', { id }) : new GroundcrewError('GC1002', { kind: 'token', id });
        }
        await recordAudit(tx, callerOf(request).name, 'token.revoke', `token ${id}`, {});
      });
      return { done: true as const };
    },
  );
}
