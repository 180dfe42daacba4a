import { type Want, wantMatcher } from '../../labels/want.ts';
import type { NodeSnapshot } from '../snapshot.ts';

interface Group {
  labels: ReadonlySet<string>;
  /** Oldest first; taken from the front. */
  ready: NodeSnapshot[];
  coming: NodeSnapshot[];
  ready_taken: number;
  coming_taken: number;
}

/**
 * Which ready and coming nodes are spoken for by waiting requests. Nodes with the same labels are one group, so that
 * thousands of nodes cost no more than their few sets of labels.
 */
export class Pledges {
  private readonly groups: Group[];
  private readonly matching = new Map<string, Group[]>();

  constructor(nodes: readonly NodeSnapshot[]) {
    const groups = new Map<string, Group>();
    // Nodes of one pool write their labels alike: sorting them once is enough.
    const asWritten = new Map<string, Group>();
    for (const node of nodes) {
      const written = node.labels.join(' ');
      let group = asWritten.get(written);
      if (group === undefined) {
        const key = [...node.labels].sort().join(' ');
        const fresh = { labels: new Set(node.labels), ready: [], coming: [], ready_taken: 0, coming_taken: 0 };
        group = groups.get(key) ?? fresh;
        groups.set(key, group);
        asWritten.set(written, group);
      }
      (node.state === 'ready' ? group.ready : group.coming).push(node);
    }
    this.groups = [...groups.values()].sort((left, right) => left.labels.size - right.labels.size);
    for (const group of this.groups) {
      group.ready.sort(oldestReadyFirst);
      group.coming.sort((left, right) => left.created_at_ms - right.created_at_ms || compareText(left.id, right.id));
    }
  }

  /** Takes a node for the want: a ready one before a coming one, fewest labels first. False: there is none. */
  take(want: Want): boolean {
    const groups = this.groupsFor(want);
    for (const group of groups) {
      if (group.ready_taken < group.ready.length) {
        group.ready_taken += 1;
        return true;
      }
    }
    for (const group of groups) {
      if (group.coming_taken < group.coming.length) {
        group.coming_taken += 1;
        return true;
      }
    }
    return false;
  }

  private groupsFor(want: Want): Group[] {
    let groups = this.matching.get(want.expression);
    if (groups === undefined) {
      const matches = wantMatcher(want);
      groups = this.groups.filter((group) => matches(group.labels));
      this.matching.set(want.expression, groups);
    }
    return groups;
  }

  /** Ready nodes that no waiting request will get, oldest first. */
  idle(): NodeSnapshot[] {
    return this.groups.flatMap((group) => group.ready.slice(group.ready_taken)).sort(oldestReadyFirst);
  }

  /** Coming nodes that no waiting request will get. */
  coming(): NodeSnapshot[] {
    return this.groups.flatMap((group) => group.coming.slice(group.coming_taken));
  }
}

export function oldestReadyFirst(left: NodeSnapshot, right: NodeSnapshot): number {
  return (left.ready_at_ms ?? 0) - (right.ready_at_ms ?? 0) || compareText(left.id, right.id);
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
