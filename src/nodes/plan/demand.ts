import { type Amount, add, fits, relieves, type Tally, takeFrom } from '../../base/amount.ts';
import { formatRequestId } from '../../base/ids.ts';
import type { Matching } from '../../labels/matching.ts';
import type { Want } from '../../labels/want.ts';
import type { Demand, NodeSnapshot } from '../snapshot.ts';
import { type FleetAction, type LaunchAction, type RetireAction, retire } from './actions.ts';
import type { Capacity, PoolRoom } from './capacity.ts';

/** What one want of a request needs: a launch, the eviction of idle nodes, or room that is on its way already. */
type Supply =
  | { kind: 'launch'; room: PoolRoom }
  | { kind: 'evict'; nodes: NodeSnapshot[]; for: PoolRoom }
  | { kind: 'wait' };

/**
 * Launches for requests that no ready or coming node will serve, in the requests' order. A request for several nodes gets
 * all of its launches or none: what fits is kept free for it, but no machine stands idle beside a missing one.
 */
export function planDemand({ matches, free }: Matching<Demand, NodeSnapshot>, capacity: Capacity): FleetAction[] {
  const supplier = new Supplier(free[0] ?? [], capacity);
  const actions: FleetAction[] = [];
  for (const { demand, tier, nodes } of matches) {
    if (tier !== null) continue;
    const wants = demand.wants.filter((_, index) => nodes[index] === null);
    const supplies = wants.map((want) => supplier.find(want));
    if (supplies.some((supply) => supply === null)) {
      supplier.giveBackEvictions(supplies);
      continue;
    }
    wants.forEach((want, index) => {
      const supply = supplies[index] as Supply;
      actions.push(...describe(demand, want, supply));
    });
  }
  return actions;
}

/** At a provider that is not configured. */
const NO_ROOM: Amount = { nodes: 0 };

class Supplier {
  private readonly capacity: Capacity;
  /** Idle nodes that nobody waits for, by provider, oldest first. */
  private readonly idle = new Map<string, NodeSnapshot[]>();
  /** What they take together. */
  private readonly taken = new Map<string, Tally>();

  constructor(idle: readonly NodeSnapshot[], capacity: Capacity) {
    this.capacity = capacity;
    for (const node of idle) {
      const nodes = this.idle.get(node.provider) ?? [];
      nodes.push(node);
      this.idle.set(node.provider, nodes);
      const taken = this.taken.get(node.provider) ?? {};
      add(taken, node.takes, 1);
      this.taken.set(node.provider, taken);
    }
  }

  find(want: Want): Supply | null {
    const candidates = this.capacity.roomsFor(want);
    const room = this.capacity.choose(candidates);
    if (room !== null) {
      this.capacity.take(room);
      return { kind: 'launch', room };
    }
    return this.makeRoom(candidates);
  }

  /** At a full provider: room on its way counts first, so that each need evicts no more nodes than it must. */
  private makeRoom(candidates: readonly PoolRoom[]): Supply | null {
    const full = candidates.filter((room) => {
      const ceiling = this.capacity.providers.get(room.pool.provider)?.ceiling ?? NO_ROOM;
      return this.capacity.poolHeadroom(room) >= 1 && fits(ceiling, room.need) && this.capacity.paused(room) === null;
    });
    for (const room of full) {
      if (!fits(this.soonFree(room), room.need)) continue;
      this.promise(room, 1);
      return { kind: 'wait' };
    }
    for (const room of full) {
      const nodes = this.enoughToEvict(room);
      if (nodes.length === 0) continue;
      this.evict(room, nodes);
      return { kind: 'evict', nodes, for: room };
    }
    return null;
  }

  /** What is free or on its way at its provider, and promised to nobody. */
  private soonFree(room: PoolRoom): Tally {
    const provider = this.capacity.providers.get(room.pool.provider);
    if (provider === undefined) return { ...NO_ROOM };
    const left = { ...provider.free };
    takeFrom(left, provider.leaving, -1);
    takeFrom(left, provider.promised, 1);
    return left;
  }

  private promise(room: PoolRoom, times: 1 | -1): void {
    const provider = this.capacity.providers.get(room.pool.provider);
    if (provider !== undefined) add(provider.promised, room.need, times);
  }

  /** The oldest idle nodes that free what is too little there, as few as do; none when all of them would not do. */
  private enoughToEvict(room: PoolRoom): NodeSnapshot[] {
    const left = this.soonFree(room);
    const most = { ...left };
    takeFrom(most, this.taken.get(room.pool.provider) ?? {}, -1);
    if (!fits(most, room.need)) return [];
    const nodes: NodeSnapshot[] = [];
    for (const node of this.idle.get(room.pool.provider) ?? []) {
      if (!relieves(left, room.need, node.takes)) continue;
      nodes.push(node);
      takeFrom(left, node.takes, -1);
      if (fits(left, room.need)) return nodes;
    }
    return [];
  }

  private evict(room: PoolRoom, nodes: readonly NodeSnapshot[]): void {
    const gone = new Set(nodes);
    const idle = this.idle.get(room.pool.provider) ?? [];
    this.idle.set(
      room.pool.provider,
      idle.filter((node) => !gone.has(node)),
    );
    this.count(room, nodes, 1);
    this.promise(room, 1);
  }

  private count(room: PoolRoom, evicted: readonly NodeSnapshot[], times: 1 | -1): void {
    const leaving = this.capacity.providers.get(room.pool.provider)?.leaving;
    const taken = this.taken.get(room.pool.provider);
    for (const node of evicted) {
      if (leaving !== undefined) add(leaving, node.takes, times);
      if (taken !== undefined) add(taken, node.takes, -times);
    }
  }

  giveBackEvictions(supplies: readonly (Supply | null)[]): void {
    for (const supply of supplies) {
      if (supply?.kind !== 'evict') continue;
      const { nodes, for: room } = supply;
      const name = room.pool.provider;
      this.idle.set(name, [...nodes, ...(this.idle.get(name) ?? [])]);
      this.count(room, nodes, -1);
      this.promise(room, -1);
    }
  }
}

function describe(demand: Demand, want: Want, supply: Supply): (LaunchAction | RetireAction)[] {
  const wanted = `${formatRequestId(demand.request_id)} waits for ${want.expression}`;
  if (supply.kind === 'wait') return [];
  if (supply.kind === 'evict') {
    const { provider } = supply.for.pool;
    const reason = `${wanted} and ${provider} is at its limit; this node was idle`;
    return supply.nodes.map((node) => retire(node, 'evicted', reason));
  }
  const { pool } = supply.room;
  const reason = `${wanted}; ${describeRoom(supply.room)}`;
  return [{ kind: 'launch', pool, request_id: demand.request_id, reason }];
}

/** Why this pool, for the node's first event: where the fewest are, the next is made. */
export function describeRoom(room: PoolRoom): string {
  const others = room.warm - 1;
  if (others === 0) return `${room.pool.provider} has no other ready or coming`;
  return `${room.pool.provider} has ${others} other${others === 1 ? '' : 's'} ready or coming`;
}
