import type { Match } from '../../labels/matching.ts';
import { type Want, wantMatcher } from '../../labels/want.ts';
import type { Demand, NodeSnapshot } from '../snapshot.ts';
import type { Holder } from './decision.ts';

/** Of the nodes that are for others, so many are named. */
const NAMED_MOST = 5;

/** For whom the nodes are, by what they carry. */
export class Holders {
  /** The first of each set of labels as written, in the order of the requests. */
  private readonly groups = new Map<string, { labels: ReadonlySet<string>; holders: Holder[] }>();
  private readonly known = new Map<string, readonly Holder[]>();

  constructor(matches: readonly Match<Demand, NodeSnapshot>[]) {
    for (const { demand, nodes } of matches) for (const node of nodes) if (node !== null) this.add(node, demand);
  }

  /** The first nodes that would do for a want and are for other requests. */
  of(want: Want, request_id: Demand['request_id']): readonly Holder[] {
    let holders = this.known.get(want.expression);
    if (holders === undefined) {
      const matches = wantMatcher(want);
      holders = [...this.groups.values()].filter(({ labels }) => matches(labels)).flatMap((group) => group.holders);
      this.known.set(want.expression, holders);
    }
    return holders.filter((holder) => holder.request_id !== request_id).slice(0, NAMED_MOST);
  }

  private add(node: NodeSnapshot, { request_id, wants }: Demand): void {
    const key = node.labels.join(' ');
    let group = this.groups.get(key);
    if (group === undefined) {
      group = { labels: new Set(node.labels), holders: [] };
      this.groups.set(key, group);
    }
    // One request has at most as many of them as it wants.
    if (group.holders.length >= NAMED_MOST + wants.length) return;
    group.holders.push({ node_id: node.id, coming: node.state !== 'ready', request_id });
  }
}
