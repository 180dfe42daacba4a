import { type Want, wantMatcher } from './want.ts';

interface Entry<Node> {
  readonly node: Node;
  /** Its place in its tier. */
  readonly age: number;
}

/** Nodes of one tier that carry the same labels: only how many are left of them matters, and which is oldest. */
interface Group<Node> {
  readonly labels: ReadonlySet<string>;
  readonly tier: number;
  /** Oldest first; the first `used` of them are taken. */
  nodes: Entry<Node>[];
  used: number;
  /** Whose wants take them, and how many. */
  readonly users: Map<Asking<Node>, number>;
  /** The search that saw it last, and whether it found that nothing is to be had through it. */
  seen: number;
  closed: boolean;
}

/** All wants of one text. Served ones are always the first of them, since what serves one would serve any. */
interface Asking<Node> {
  readonly want: Want;
  /** Everything that will do. */
  groups: Group<Node>[];
  /** Of these, what may have some left, those that serve first before the others. */
  open: Group<Node>[];
  /** What each of its wants got, in their order. */
  given: Group<Node>[];
  /** Wants that were passed while going through the demands. */
  passed: number;
  /** Nothing is left for it, nor can be made free by moving others: so it stays, since nothing is given back. */
  exhausted: boolean;
  seen: number;
}

/** A step of a search: `asking` would take `group` from one that can move on. */
interface Move<Node> {
  readonly asking: Asking<Node>;
  readonly from: { readonly move: Move<Node>; readonly group: Group<Node> } | null;
}

/** Of demands that still miss something. */
interface Kept<Node> {
  readonly groups: Map<Asking<Node>, Group<Node>[]>;
  readonly entries: Map<Group<Node>, Entry<Node>[]>;
}

/** The state of one matching (`matching.ts`): augmenting paths (Kuhn 1955) over texts and groups of nodes. */
export class Assignment<Node extends { readonly labels: readonly string[] }> {
  steps = 0;
  /** Nodes that nobody has. */
  left = 0;
  private readonly groups: Group<Node>[] = [];
  private readonly askings = new Map<string, Asking<Node>>();
  private readonly tiers: (readonly Node[])[] = [];
  private readonly given = new Set<Node>();
  private searches = 0;

  /** Adds nodes that serve after those that are there already, oldest first. */
  addTier(nodes: readonly Node[]): void {
    const tier = this.tiers.length;
    this.tiers.push(nodes);
    this.left += nodes.length;
    const added = groupsOf(nodes, tier);
    this.groups.push(...added);
    for (const group of this.groups) group.closed = false;
    for (const asking of this.askings.values()) {
      asking.exhausted = false;
      asking.passed = 0;
      this.offer(asking, added);
    }
  }

  /** Serves these wants, one after the other, as far as that is possible beside those that were served before. */
  place(wants: readonly Want[]): void {
    for (const want of wants) {
      const asking = this.asking(want);
      asking.passed += 1;
      // It has kept its node of an earlier tier.
      if (asking.passed <= asking.given.length || asking.exhausted || this.left === 0) continue;
      if (this.takeDirectly(asking) || this.takeByMoving(asking)) this.left -= 1;
    }
  }

  /**
   * Nodes for the wants of each demand, the same demands as were placed, in the same order. Those of demands that miss
   * nothing are theirs from now on; what the others have may become another node when the next tier comes.
   */
  handOut(demands: readonly (readonly Want[])[], last: boolean): (Node | null)[][] {
    const kept: Kept<Node> = { groups: new Map(), entries: new Map() };
    const next = new Map<Group<Node>, number>();
    for (const asking of this.askings.values()) asking.passed = 0;
    const given = demands.map((wants) => {
      const groups = wants.map((want) => {
        const asking = this.asking(want);
        asking.passed += 1;
        return asking.given[asking.passed - 1] ?? null;
      });
      const keeps = !last && groups.includes(null);
      return groups.map((group, index) => {
        if (group === null) return null;
        const position = next.get(group) ?? 0;
        next.set(group, position + 1);
        const entry = group.nodes[position] as Entry<Node>;
        if (keeps) {
          listIn(kept.groups, this.asking(wants[index] as Want), group);
          listIn(kept.entries, group, entry);
        } else this.given.add(entry.node);
        return entry.node;
      });
    });
    if (!last) this.keepOnly(kept);
    return given;
  }

  /** What nobody has, by tier, in the order in which it was added. */
  free(): Node[][] {
    return this.tiers.map((nodes) => nodes.filter((node) => !this.given.has(node)));
  }

  private asking(want: Want): Asking<Node> {
    let asking = this.askings.get(want.expression);
    if (asking === undefined) {
      asking = { want, groups: [], open: [], given: [], passed: 0, exhausted: false, seen: 0 };
      this.askings.set(want.expression, asking);
      this.offer(asking, this.groups);
    }
    return asking;
  }

  private offer(asking: Asking<Node>, groups: readonly Group<Node>[]): void {
    const matches = wantMatcher(asking.want);
    this.steps += groups.length;
    const fitting = groups.filter((group) => matches(group.labels));
    asking.groups.push(...fitting);
    asking.open = [...asking.open, ...fitting].filter(hasLeft);
  }

  private takeDirectly(asking: Asking<Node>): boolean {
    const group = this.best(asking);
    if (group === null) return false;
    take(group, asking);
    asking.given.push(group);
    return true;
  }

  /** The fewest labels, then the oldest node; what is used up is not looked at again. */
  private best(asking: Asking<Node>): Group<Node> | null {
    let best: Group<Node> | null = null;
    let emptied = false;
    for (const group of asking.open) {
      this.steps += 1;
      if (!hasLeft(group)) {
        emptied = true;
        continue;
      }
      if (best !== null && (group.labels.size > best.labels.size || group.tier > best.tier)) break;
      if (best === null || oldestAge(group) < oldestAge(best)) best = group;
    }
    if (emptied) asking.open = asking.open.filter(hasLeft);
    return best;
  }

  /** The shortest row of others that each move on to another node, so that one becomes free for it. */
  private takeByMoving(asking: Asking<Node>): boolean {
    this.searches += 1;
    const first: Move<Node> = { asking, from: null };
    const moves = [first];
    const groups: Group<Node>[] = [];
    asking.seen = this.searches;
    for (const move of moves) {
      const free = move === first ? null : this.best(move.asking);
      if (free !== null) {
        shift(move, free);
        return true;
      }
      for (const group of move.asking.groups) {
        this.steps += 1;
        if (group.closed || group.seen === this.searches) continue;
        group.seen = this.searches;
        groups.push(group);
        for (const user of group.users.keys()) {
          if (user.seen === this.searches) continue;
          user.seen = this.searches;
          moves.push({ asking: user, from: { move, group } });
        }
      }
    }
    // Whoever was asked can move nowhere, now or later.
    for (const move of moves) move.asking.exhausted = true;
    for (const group of groups) group.closed = true;
    return false;
  }

  /** What demands that wait keep stays taken; the nodes that were handed out are gone. */
  private keepOnly(kept: Kept<Node>): void {
    for (const group of this.groups) {
      if (group.used === 0) continue;
      group.nodes = [...(kept.entries.get(group) ?? []), ...group.nodes.slice(group.used)];
      group.used = 0;
      group.users.clear();
    }
    for (const asking of this.askings.values()) {
      asking.given = kept.groups.get(asking) ?? [];
      for (const group of asking.given) take(group, asking);
    }
  }
}

/** Fewest labels first. */
function groupsOf<Node extends { readonly labels: readonly string[] }>(
  nodes: readonly Node[],
  tier: number,
): Group<Node>[] {
  const groups = new Map<string, Group<Node>>();
  // Nodes of one pool write their labels alike: sorting them once is enough.
  const asWritten = new Map<string, Group<Node>>();
  nodes.forEach((node, age) => {
    const written = node.labels.join(' ');
    let group = asWritten.get(written);
    if (group === undefined) {
      const key = [...node.labels].sort().join(' ');
      const labels = new Set(node.labels);
      group = groups.get(key) ?? { labels, tier, nodes: [], used: 0, users: new Map(), seen: 0, closed: false };
      groups.set(key, group);
      asWritten.set(written, group);
    }
    group.nodes.push({ node, age });
  });
  return [...groups.values()].sort((left, right) => left.labels.size - right.labels.size);
}

function hasLeft<Node>(group: Group<Node>): boolean {
  return group.used < group.nodes.length;
}

function oldestAge<Node>(group: Group<Node>): number {
  return group.nodes[group.used]?.age ?? Number.POSITIVE_INFINITY;
}

function take<Node>(group: Group<Node>, asking: Asking<Node>): void {
  group.used += 1;
  group.users.set(asking, (group.users.get(asking) ?? 0) + 1);
}

/** Each takes what the one before it in the row gives up; the last takes what is free. */
function shift<Node>(last: Move<Node>, free: Group<Node>): void {
  take(free, last.asking);
  let move = last;
  let gained = free;
  while (move.from !== null) {
    const { asking, from } = move;
    // The latest of its wants moves.
    asking.given[asking.given.lastIndexOf(from.group)] = gained;
    const users = (from.group.users.get(asking) ?? 0) - 1;
    if (users === 0) from.group.users.delete(asking);
    else from.group.users.set(asking, users);
    from.group.users.set(from.move.asking, (from.group.users.get(from.move.asking) ?? 0) + 1);
    gained = from.group;
    move = from.move;
  }
  move.asking.given.push(gained);
}

function listIn<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
