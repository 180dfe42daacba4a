import { GroundcrewError } from '../../base/errors/error.ts';
import { formatRequestId, parseRequestId, type RequestId } from '../../base/ids.ts';
import { explainRequest } from '../../flow/explain/explain.ts';
import type { Decision } from '../../nodes/plan/decision.ts';
import { IdParameter, pageOf } from '../../protocol/api/common.ts';
import { ExplanationView, RequestDetail, RequestQuery, RequestView } from '../../protocol/api/fleet.ts';
import { REQUEST_STATES } from '../../requests/state.ts';
import { listRequests, type RequestListRow, readRequest } from '../../requests/store/list.ts';
import type { Api, ApiContext } from '../app/context.ts';
import { decodeCursor, pageFrom, wordsOf } from '../app/paging.ts';
import { time, timeOrNull } from '../app/views.ts';

function requestView(row: RequestListRow): RequestView {
  return {
    id: formatRequestId(row.id),
    expressions: row.expressions,
    state: row.state,
    reason: row.reason,
    requester: row.requester,
    priority: row.priority,
    run_id: row.run_id,
    node_ids: row.node_ids ?? [],
    created_at: time(row.created_at),
    ended_at: timeOrNull(row.ended_at),
    waited_ms: row.waited_ms,
  };
}

function requestIdOf(text: string): RequestId {
  const id = parseRequestId(text);
  if (id === null) throw new GroundcrewError('GC1002', { kind: 'request', id: text });
  return id;
}

/** Who waits for nodes, and why. */
export function requestRoutes(app: Api, context: ApiContext): void {
  const { services } = context;
  const { db } = services.connection;
  const tags = ['requests'];

  app.get(
    '/api/v1/requests',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'listRequests',
        summary: 'Requests, newest first',
        tags,
        querystring: RequestQuery,
        response: { 200: pageOf(RequestView) },
      },
    },
    async (request) => {
      const { state, label, cursor, limit = 50 } = request.query;
      const before = decodeCursor('requests', cursor, ['number']);
      const rows = await listRequests(db, {
        states: wordsOf(state, REQUEST_STATES),
        label: label === '' ? null : (label ?? null),
        before: before?.[0] ?? null,
        limit,
      });
      return pageFrom('requests', rows, limit, requestView, (row) => [row.id]);
    },
  );

  app.get(
    '/api/v1/requests/:id',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'getRequest',
        summary: 'One request, and why it waits',
        tags,
        params: IdParameter,
        response: { 200: RequestDetail },
      },
    },
    async (request) => {
      const id = requestIdOf(request.params.id);
      const row = await readRequest(db, id);
      if (row === null) throw new GroundcrewError('GC1002', { kind: 'request', id: formatRequestId(id) });
      return { request: requestView(row), explanation: await explanation(id) };
    },
  );

  app.get(
    '/api/v1/requests/:id/explain',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'explainRequest',
        summary: 'Why a request waits, or how it ended',
        tags,
        params: IdParameter,
        response: { 200: ExplanationView },
      },
    },
    async (request) => await explanation(requestIdOf(request.params.id)),
  );

  async function explanation(id: RequestId): Promise<ExplanationView> {
    const { sentence, decision, lines, expected } = await explainRequest(services, id);
    return { sentence, decision: decision === null ? null : decisionView(decision), lines, expected };
  }
}

function decisionView({ code, sentence, data }: Decision): NonNullable<ExplanationView['decision']> {
  return { code, sentence, data: { ...data } };
}
