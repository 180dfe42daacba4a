import type { NodeId, RequestId } from '../base/ids.ts';
import { matchNow } from '../labels/matching.ts';
import { type Want, wantOf } from '../labels/want.ts';

export interface RequestSnapshot {
  id: RequestId;
  /** One expression a wanted node: all or nothing. */
  expressions: readonly string[];
}

export interface IdleNode {
  id: NodeId;
  labels: readonly string[];
}

/** Nodes for a request, in the order of its expressions. */
export interface Allocation<Request, Node> {
  request: Request;
  nodes: Node[];
}

/**
 * Who gets which node now. Pure; requests come in the order in which they are served (priority, then age), nodes oldest
 * ready first. The choice is `labels/matching.ts`, the same as the planner's, which also looks at nodes that are on their way.
 */
export function planAllocation<Request extends RequestSnapshot, Node extends IdleNode>(
  requests: readonly Request[],
  nodes: readonly Node[],
): Allocation<Request, Node>[] {
  return matchNow(demandsOf(requests), nodes).map(({ demand, nodes: given }) => {
    return { request: demand.request, nodes: given };
  });
}

/** Read one by one: most of a long row is never looked at. */
function* demandsOf<Request extends RequestSnapshot>(
  requests: readonly Request[],
): Generator<{ request: Request; wants: readonly Want[] }> {
  for (const request of requests) yield { request, wants: request.expressions.map(wantOf) };
}
