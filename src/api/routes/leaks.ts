import { Type } from 'typebox';
import { GroundcrewError } from '../../base/errors/error.ts';
import { agreeLeaks, type LeakRow, listLeaks } from '../../nodes/store/leaks.ts';
import { LeaksBody, LeakView } from '../../protocol/api/fleet.ts';
import { recordAudit } from '../../store/audit.ts';
import { callerOf } from '../app/auth.ts';
import type { Api, ApiContext } from '../app/context.ts';
import { time } from '../app/views.ts';

const tags = ['nodes'];
const params = Type.Object({ provider: Type.String({ maxLength: 100 }) });

function leakView(row: LeakRow): LeakView {
  return { ...row, first_seen_at: time(row.first_seen_at) };
}

/** Machines that carry our identity and belong to no node: what they are, and that they may be swept. */
export function leakRoutes(app: Api, context: ApiContext): void {
  const { db } = context.services.connection;
  const configured = (provider: string): string => {
    if (context.services.config().providers[provider] !== undefined) return provider;
    throw new GroundcrewError('GC1002', { kind: 'provider', id: provider });
  };

  app.get(
    '/api/v1/providers/:provider/leaks',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'listLeaks',
        summary: 'Machines of ours that no node accounts for',
        tags,
        params,
        response: { 200: Type.Object({ items: Type.Array(LeakView) }) },
      },
    },
    async (request) => ({ items: (await listLeaks(db, configured(request.params.provider))).map(leakView) }),
  );

  app.post(
    '/api/v1/providers/:provider/leaks/agree',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'agreeLeaks',
        summary: 'Let these leaks be destroyed, though they are more than the sweep dares by itself',
        tags,
        params,
        body: LeaksBody,
        response: { 200: Type.Object({ agreed: Type.Array(Type.String()) }) },
      },
    },
    async (request) => {
      const provider = configured(request.params.provider);
      const { name } = callerOf(request);
      return await db.transaction().execute(async (tx) => {
        const agreed = await agreeLeaks(tx, provider, request.body.external_ids, name);
        if (agreed.length > 0) await recordAudit(tx, name, 'leaks.agree', provider, { external_ids: agreed });
        return { agreed };
      });
    },
  );
}
