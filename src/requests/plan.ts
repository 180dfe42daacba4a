import type { NodeId, RequestId } from '../base/ids.ts';
import { wantMatcher, wantOf } from '../labels/want.ts';

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

/** Idle nodes with the same labels are alike: only the oldest of them matters. */
interface Group<Node> {
  labels: ReadonlySet<string>;
  nodes: { node: Node; age: number }[];
  taken: number;
}

/**
 * Who gets which node. Pure; requests come in the order in which they are served (priority, then age), nodes oldest
 * ready first. A want takes the node with the fewest labels that will do, so that rare nodes stay free, then the oldest.
 * A request for several nodes gets all of them or waits; what it could have had is kept for it, so that a stream of
 * small requests cannot starve it.
 */
export function planAllocation<Request extends RequestSnapshot, Node extends IdleNode>(
  requests: readonly Request[],
  nodes: readonly Node[],
): Allocation<Request, Node>[] {
  const idle = new IdleNodes(nodes);
  const allocations: Allocation<Request, Node>[] = [];
  for (const request of requests) {
    if (idle.count === 0) break;
    const chosen = idle.choose(request.expressions);
    if (chosen.every((node) => node !== null)) allocations.push({ request, nodes: chosen });
  }
  return allocations;
}

class IdleNodes<Node extends IdleNode> {
  count: number;
  private readonly groups: Group<Node>[];
  private readonly byExpression = new Map<string, Group<Node>[]>();

  constructor(nodes: readonly Node[]) {
    this.count = nodes.length;
    const groups = new Map<string, Group<Node>>();
    nodes.forEach((node, age) => {
      const key = [...node.labels].sort().join(' ');
      let group = groups.get(key);
      if (group === undefined) {
        group = { labels: new Set(node.labels), nodes: [], taken: 0 };
        groups.set(key, group);
      }
      group.nodes.push({ node, age });
    });
    this.groups = [...groups.values()].sort((left, right) => left.labels.size - right.labels.size);
  }

  /** Takes a node for each expression, null where none is left; the nodes that were found are taken all the same. */
  choose(expressions: readonly string[]): (Node | null)[] {
    const [only] = expressions;
    if (expressions.length === 1 && only !== undefined) return [this.take(this.best(this.groupsFor(only)))];
    return this.match(expressions).map((group) => this.take(group));
  }

  private groupsFor(expression: string): Group<Node>[] {
    let groups = this.byExpression.get(expression);
    if (groups === undefined) {
      const matches = wantMatcher(wantOf(expression));
      groups = this.groups.filter((group) => matches(group.labels));
      this.byExpression.set(expression, groups);
    }
    return groups;
  }

  private best(groups: readonly Group<Node>[]): Group<Node> | null {
    let best: Group<Node> | null = null;
    for (const group of groups) {
      if (group.taken >= group.nodes.length) continue;
      if (best !== null && group.labels.size > best.labels.size) break;
      if (best === null || headAge(group) < headAge(best)) best = group;
    }
    return best;
  }

  private take(group: Group<Node> | null): Node | null {
    if (group === null) return null;
    const entry = group.nodes[group.taken];
    group.taken += 1;
    this.count -= 1;
    return entry?.node ?? null;
  }

  /**
   * A group for each expression, as many as can be served together (augmenting paths, Kuhn 1955): the obvious choice
   * for one must not take the only node of another.
   */
  private match(expressions: readonly string[]): (Group<Node> | null)[] {
    const chosen: (Group<Node> | null)[] = expressions.map(() => null);
    const room = (group: Group<Node>): number => {
      const used = chosen.filter((other) => other === group).length;
      return group.nodes.length - group.taken - used;
    };
    const place = (index: number, visited: Set<Group<Node>>): boolean => {
      for (const group of this.groupsFor(expressions[index] as string)) {
        if (visited.has(group)) continue;
        visited.add(group);
        if (room(group) > 0) {
          chosen[index] = group;
          return true;
        }
        for (let other = 0; other < chosen.length; other++) {
          if (chosen[other] === group && place(other, visited)) {
            chosen[index] = group;
            return true;
          }
        }
      }
      return false;
    };
    for (let index = 0; index < expressions.length; index++) place(index, new Set());
    return chosen;
  }
}

function headAge<Node>(group: Group<Node>): number {
  return group.nodes[group.taken]?.age ?? Number.POSITIVE_INFINITY;
}
