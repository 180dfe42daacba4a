import { Type } from 'typebox';
import { GroundcrewError } from '../../base/errors/error.ts';
import type { WorkItemId } from '../../base/ids.ts';
import { Done, NumberParameter, PageQuery, pageOf } from '../../protocol/api/common.ts';
import { DeadItemView, LaneView } from '../../protocol/api/queue.ts';
import { type DeadItem, listDead, retryDead } from '../../queue/store/dead.ts';
import { queueDepths } from '../../queue/store/depths.ts';
import { recordAudit } from '../../store/audit.ts';
import { callerOf } from '../app/auth.ts';
import type { Api, ApiContext } from '../app/context.ts';
import { decodeCursor, pageFrom } from '../app/paging.ts';
import { timeOrNull } from '../app/views.ts';

function deadItemView(item: DeadItem): DeadItemView {
  return { ...item, died_at: timeOrNull(item.died_at) };
}

/** The durable queue: how full its lanes are, and what failed for good. */
export function queueRoutes(app: Api, context: ApiContext): void {
  const { db } = context.services.connection;
  const tags = ['queue'];

  app.get(
    '/api/v1/queue',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'getQueue',
        summary: 'Work items by lane',
        tags,
        response: { 200: Type.Object({ items: Type.Array(LaneView) }) },
      },
    },
    async () => ({ items: await queueDepths(db) }),
  );

  app.get(
    '/api/v1/queue/dead',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'listDeadItems',
        summary: 'Work items that failed for good, newest first',
        tags,
        querystring: Type.Object(PageQuery),
        response: { 200: pageOf(DeadItemView) },
      },
    },
    async (request) => {
      const { cursor, limit = 50 } = request.query;
      const before = decodeCursor('dead', cursor, ['number']);
      const rows = await listDead(db, limit + 1, before?.[0] as WorkItemId | undefined);
      return pageFrom('dead', rows, limit, deadItemView, (row) => [row.id]);
    },
  );

  app.post(
    '/api/v1/queue/dead/:id/retry',
    {
      config: { role: 'operator' },
      schema: {
        operationId: 'retryDeadItem',
        summary: 'Have a dead work item tried again, from its checkpoint',
        tags,
        params: NumberParameter,
        response: { 200: Done },
      },
    },
    async (request) => {
      const id = request.params.id as WorkItemId;
      await db.transaction().execute(async (tx) => {
        if (!(await retryDead(tx, id))) throw new GroundcrewError('GC1002', { kind: 'dead work item', id });
        await recordAudit(tx, callerOf(request).name, 'queue.retry', `work item ${id}`);
      });
      return { done: true as const };
    },
  );
}
