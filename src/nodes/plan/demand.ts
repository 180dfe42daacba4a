import { formatRequestId } from '../../base/ids.ts';
import type { Demand, FleetSnapshot, NodeSnapshot, Want } from '../snapshot.ts';
import { type FleetAction, type LaunchAction, type RetireAction, retire } from './actions.ts';
import type { Capacity, PoolRoom } from './capacity.ts';
import type { Pledges } from './pledge.ts';

interface Unmet {
  demand: Demand;
  wants: Want[];
}

/** What one want of a request needs: a launch, the eviction of an idle node, or room that is on its way already. */
type Supply =
  | { kind: 'launch'; room: PoolRoom }
  | { kind: 'evict'; node: NodeSnapshot; for: PoolRoom }
  | { kind: 'wait' };

/**
 * Launches for requests that no ready or coming node will serve, in the requests' order. A request for several nodes gets
 * all of its launches or none: what fits is kept free for it, but no machine stands idle beside a missing one.
 */
export function planDemand(snapshot: FleetSnapshot, pledges: Pledges, capacity: Capacity): FleetAction[] {
  const unmet: Unmet[] = [];
  for (const demand of snapshot.demand) {
    const wants = demand.wants.filter((want) => !pledges.take(want));
    if (wants.length > 0) unmet.push({ demand, wants });
  }
  const supplier = new Supplier(pledges.idle(), capacity);
  const actions: FleetAction[] = [];
  for (const { demand, wants } of unmet) {
    const supplies = wants.map((want) => supplier.find(want));
    if (supplies.some((supply) => supply === null)) {
      supplier.giveBackEvictions(supplies);
      continue;
    }
    wants.forEach((want, index) => {
      const supply = supplies[index] as Supply;
      const action = describe(demand, want, supply, capacity);
      if (action !== null) actions.push(action);
    });
  }
  return actions;
}

class Supplier {
  private readonly capacity: Capacity;
  /** Idle nodes that nobody waits for, by provider, oldest first. */
  private readonly idle = new Map<string, NodeSnapshot[]>();
  /** Nodes on their way out whose room is not promised yet, by provider. */
  private readonly leaving = new Map<string, number>();
  private readonly matching = new Map<string, PoolRoom[]>();

  constructor(idle: readonly NodeSnapshot[], capacity: Capacity) {
    this.capacity = capacity;
    for (const node of idle) {
      const nodes = this.idle.get(node.provider) ?? [];
      nodes.push(node);
      this.idle.set(node.provider, nodes);
    }
    // Beyond a limit that was lowered, what leaves makes no room yet.
    for (const [name, room] of capacity.providers) {
      this.leaving.set(name, Math.max(0, room.deleting + Math.min(0, capacity.providerHeadroom(name))));
    }
  }

  find(want: Want): Supply | null {
    const candidates = this.candidates(want);
    const room = this.capacity.choose(candidates);
    if (room !== null) {
      this.capacity.take(room);
      return { kind: 'launch', room };
    }
    return this.makeRoom(candidates);
  }

  /** At a full provider: room on its way counts first, so that each need evicts exactly one node. */
  private makeRoom(candidates: readonly PoolRoom[]): Supply | null {
    const full = candidates.filter(
      (room) =>
        this.capacity.poolHeadroom(room) >= 1 &&
        this.capacity.providerCeiling(room.pool.provider) >= 1 &&
        this.capacity.paused(room) === null,
    );
    for (const room of full) {
      const leaving = this.leaving.get(room.pool.provider) ?? 0;
      if (leaving > 0) {
        this.leaving.set(room.pool.provider, leaving - 1);
        return { kind: 'wait' };
      }
    }
    for (const room of full) {
      const node = this.idle.get(room.pool.provider)?.shift();
      if (node !== undefined) return { kind: 'evict', node, for: room };
    }
    return null;
  }

  private candidates(want: Want): PoolRoom[] {
    let rooms = this.matching.get(want.expression);
    if (rooms === undefined) {
      rooms = this.capacity.pools.filter((room) => want.matches(room.labels));
      this.matching.set(want.expression, rooms);
    }
    return rooms;
  }

  giveBackEvictions(supplies: readonly (Supply | null)[]): void {
    for (const supply of supplies) {
      if (supply?.kind === 'evict') this.idle.get(supply.node.provider)?.unshift(supply.node);
    }
  }
}

function describe(demand: Demand, want: Want, supply: Supply, capacity: Capacity): LaunchAction | RetireAction | null {
  const wanted = `${formatRequestId(demand.request_id)} waits for ${want.expression}`;
  if (supply.kind === 'wait') return null;
  if (supply.kind === 'evict') {
    const { provider } = supply.for.pool;
    return retire(supply.node, 'evicted', `${wanted} and ${provider} is at its limit; this node was idle`);
  }
  const { pool } = supply.room;
  return {
    kind: 'launch',
    pool,
    request_id: demand.request_id,
    reason: `${wanted}; ${describeRoom(supply.room, capacity)}`,
  };
}

/** Why this pool, for the node's first event. */
export function describeRoom(room: PoolRoom, capacity: Capacity): string {
  const left = capacity.headroom(room);
  const others = room.warm - 1;
  const warm = others === 0 ? 'no other node' : `${others} other node${others === 1 ? '' : 's'}`;
  const place = `${room.pool.provider} has ${warm} of ${room.pool.node_type} ready or coming`;
  return Number.isFinite(left) ? `${place} and room for ${left} more` : place;
}
