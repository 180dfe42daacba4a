import type { FastifyRequest } from 'fastify';
import { GroundcrewError } from '../../base/errors/error.ts';
import type { NodeId } from '../../base/ids.ts';
import { NODE_ACTIONS, UNUSED_STATES } from '../../nodes/state.ts';
import { isHeldFor } from '../../nodes/store/list.ts';
import { findNode } from '../../nodes/store/move.ts';
import { actionOf, callerOf, hasRole } from '../app/auth.ts';
import type { ApiContext } from '../app/context.ts';

/**
 * Whose hold it is may do with the node what the hold is for; everybody else has to be an operator. For routes that
 * submitters reach. GC1004 when the caller is neither.
 */
export async function checkHolder(context: ApiContext, request: FastifyRequest, node_id: NodeId): Promise<void> {
  const caller = callerOf(request);
  if (hasRole(caller, 'operator')) return;
  if (await isHeldFor(context.services.connection.db, node_id, caller.name)) return;
  throw new GroundcrewError('GC1004', {
    role: caller.role,
    action: actionOf(request),
    needed: 'operator, unless the node is held for you',
  });
}

/**
 * May the caller have a shell on this node? What a shell leaves there must reach no run that is given the node later.
 * Errors: GC1002 no such node, GC1004 not the caller's, GC1403 it could still be given out, GC1009 it is going.
 */
export async function checkShell(context: ApiContext, request: FastifyRequest, node_id: NodeId): Promise<void> {
  const node = await findNode(context.services.connection.db, node_id);
  if (node === null) throw new GroundcrewError('GC1002', { kind: 'node', id: node_id });
  await checkHolder(context, request, node_id);
  const { state } = node;
  if (UNUSED_STATES.includes(state))
    throw new GroundcrewError('GC1403', {
      id: node_id,
      state,
      how: state === 'ready' ? 'Hold it first' : 'Hold it once it is ready',
    });
  if (NODE_ACTIONS.shell.includes(state)) return;
  throw new GroundcrewError('GC1009', { action: 'open a shell on', kind: 'node', id: node_id, state });
}
