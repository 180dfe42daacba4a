import { Type } from 'typebox';
import type { Clock } from '../../base/clock.ts';
import { GroundcrewError } from '../../base/errors/error.ts';
import { type NodeId, parseNodeId } from '../../base/ids.ts';
import { explainNode } from '../../flow/explain/explain.ts';
import { deleteNode, extendHold, holdNode, releaseHold } from '../../flow/finish/hold.ts';
import { NODE_ACTIONS, NODE_STATES, type NodeState } from '../../nodes/state.ts';
import {
  type HoldRow,
  listHolds,
  listNodeEvents,
  listNodes,
  type NodeDetailRow,
  type NodeListRow,
  readNode,
} from '../../nodes/store/list.ts';
import { Done, IdParameter, pageOf } from '../../protocol/api/common.ts';
import { HoldBody, HoldView, NodeDetail, NodeQuery, NodeView } from '../../protocol/api/fleet.ts';
import { callerOf } from '../app/auth.ts';
import type { Api, ApiContext } from '../app/context.ts';
import { decodeCursor, pageFrom, wordsOf } from '../app/paging.ts';
import { time, timeOrNull, unheardSince } from '../app/views.ts';
import { checkHolder } from '../live/shell-allowed.ts';

const DEFAULT_HOLD_MS = 8 * 3_600_000;
const tags = ['nodes'];

function nodeView(clock: Clock, row: NodeListRow): NodeView {
  const actions = Object.entries(NODE_ACTIONS).filter(([, states]) => states.includes(row.state as NodeState));
  return {
    id: row.id,
    provider: row.provider,
    node_type: row.node_type,
    labels: row.labels,
    state: row.state,
    state_since: time(row.state_since),
    deadline: timeOrNull(row.deadline),
    run_id: row.run_id,
    plan_reason: row.plan_reason,
    end_reason: row.end_reason,
    hold_reason: row.hold_reason,
    fault: row.fault,
    created_at: time(row.created_at),
    ready_at: timeOrNull(row.ready_at),
    deleted_at: timeOrNull(row.deleted_at),
    unheard_since: unheardSince(clock, row),
    actions: actions.map(([action]) => action),
  };
}

/** Null until its launch has answered. */
function machineOf({ external_id, addresses, host_keys }: NodeDetailRow): NodeDetail['machine'] {
  return external_id === null ? null : { external_id, addresses, host_keys };
}

/** The command that opens a shell on a node. */
export function shellCommand(node_id: string): string {
  return `npx groundcrew node shell ${node_id}`;
}

export function holdView(row: HoldRow): HoldView {
  return {
    id: row.id,
    node_id: row.node_id,
    run_id: row.run_id,
    owner: row.owner,
    reason: row.reason,
    created_at: time(row.created_at),
    expires_at: time(row.expires_at),
    shell_command: shellCommand(row.node_id),
  };
}

/** GC1002 when the text names no node. */
export function nodeIdOf(text: string): NodeId {
  const id = parseNodeId(text);
  if (id === null) throw new GroundcrewError('GC1002', { kind: 'node', id: text });
  return id;
}

/** Reads of nodes and holds. */
export function nodeRoutes(app: Api, context: ApiContext): void {
  const { services } = context;
  const { db } = services.connection;

  app.get(
    '/api/v1/nodes',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'listNodes',
        summary: 'Nodes, newest first',
        tags,
        querystring: NodeQuery,
        response: { 200: pageOf(NodeView) },
      },
    },
    async (request) => {
      const { state, label, provider, node_type, cursor, limit = 50 } = request.query;
      const after = decodeCursor('nodes', cursor, ['number', 'string']);
      const states = wordsOf(state, NODE_STATES);
      const filter = { label: label ?? null, provider: provider ?? null, node_type: node_type ?? null };
      const rows = await listNodes(db, { ...filter, states, after, limit });
      const view = (row: NodeListRow): NodeView => nodeView(services.clock, row);
      return pageFrom('nodes', rows, limit, view, (row) => [row.created_us, row.id]);
    },
  );

  app.get(
    '/api/v1/nodes/:id',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'getNode',
        summary: 'One node: its story, facts and checks',
        tags,
        params: IdParameter,
        response: { 200: NodeDetail },
      },
    },
    async (request) => {
      const id = nodeIdOf(request.params.id);
      const row = await readNode(db, id);
      if (row === null) throw new GroundcrewError('GC1002', { kind: 'node', id });
      const [events, holds, explanation] = await Promise.all([
        listNodeEvents(db, id),
        listHolds(db, id),
        explainNode(services, id),
      ]);
      const hold = holds[0];
      return {
        node: nodeView(services.clock, row),
        hold: hold === undefined ? null : holdView(hold),
        events: events.map((event) => ({ ...event, at: time(event.at) })),
        facts: row.facts as Record<string, unknown> | null,
        preflight: row.preflight ?? [],
        machine: machineOf(row),
        console: row.console,
        sentence: explanation.sentence,
      };
    },
  );

  app.get(
    '/api/v1/holds',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'listHolds',
        summary: 'Nodes kept for people, soonest end first',
        tags,
        response: { 200: Type.Object({ items: Type.Array(HoldView) }) },
      },
    },
    async () => ({ items: (await listHolds(db, null)).map(holdView) }),
  );
}

/** What people do to nodes. */
export function nodeActionRoutes(app: Api, context: ApiContext): void {
  const { services } = context;
  const config = { role: 'operator' } as const;
  const holders = { role: 'submitter', role_note: 'operator, where the hold is not your own' } as const;
  const answer = { params: IdParameter, response: { 200: Done } };

  app.delete(
    '/api/v1/nodes/:id',
    { config, schema: { operationId: 'deleteNode', summary: 'Delete a node', tags, ...answer } },
    async (request) => {
      const actor = callerOf(request).name;
      await deleteNode(services, nodeIdOf(request.params.id), { actor, reason: `${actor} deleted it by hand` });
      return { done: true as const };
    },
  );

  app.post(
    '/api/v1/nodes/:id/hold',
    {
      config,
      schema: { operationId: 'holdNode', summary: 'Keep a node for yourself', tags, body: HoldBody, ...answer },
    },
    async (request) => {
      const actor = callerOf(request).name;
      const { reason, duration_ms = DEFAULT_HOLD_MS } = request.body;
      await holdNode(services, nodeIdOf(request.params.id), {
        actor,
        reason: reason ?? `held by ${actor}`,
        duration_ms,
      });
      return { done: true as const };
    },
  );

  app.post(
    '/api/v1/nodes/:id/extend',
    {
      config: holders,
      schema: {
        operationId: 'extendHold',
        summary: 'Keep a held node for longer, from now',
        tags,
        body: HoldBody,
        ...answer,
      },
    },
    async (request) => {
      const actor = callerOf(request).name;
      const { reason, duration_ms = DEFAULT_HOLD_MS } = request.body;
      const id = nodeIdOf(request.params.id);
      await checkHolder(context, request, id);
      await extendHold(services, id, {
        actor,
        reason: reason ?? `extended by ${actor}`,
        duration_ms,
      });
      return { done: true as const };
    },
  );

  app.post(
    '/api/v1/nodes/:id/release',
    {
      config: holders,
      schema: { operationId: 'releaseHold', summary: 'End a hold: the node is deleted', tags, ...answer },
    },
    async (request) => {
      const actor = callerOf(request).name;
      const id = nodeIdOf(request.params.id);
      await checkHolder(context, request, id);
      await releaseHold(services, id, { actor, reason: `released by ${actor}` });
      return { done: true as const };
    },
  );
}
