import { type Amount, add, fits, relieves, type Tally, takeFrom } from '../../base/amount.ts';
import type { NodeId } from '../../base/ids.ts';
import type { Want } from '../../labels/want.ts';
import type { NodeSnapshot } from '../snapshot.ts';
import type { Capacity } from './capacity.ts';
import type { PoolRoom } from './room.ts';

/** What a want needs: a launch, the eviction of idle nodes, or room that is on its way already. */
export type Supply =
  | { kind: 'launch'; room: PoolRoom }
  | { kind: 'evict'; room: PoolRoom; nodes: NodeSnapshot[] }
  | { kind: 'room'; room: PoolRoom; node_ids: NodeId[] };

/** Of the nodes that are on their way out at a provider, so many are named. */
const LEAVING_MOST = 5;

/** At a provider that is not configured. */
const NO_ROOM: Amount = { nodes: 0 };

/** Finds what a want needs that no node serves, and counts it: a launch, room on its way, or the eviction of idle nodes. */
export class Supplier {
  private readonly capacity: Capacity;
  /** Idle nodes that nobody waits for, by provider, oldest first. */
  private readonly idle = new Map<string, NodeSnapshot[]>();
  /** What they take together. */
  private readonly taken = new Map<string, Tally>();
  /** By expression: the version of the capacity at which nothing was found. */
  private readonly failed = new Map<string, number>();

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

  /** Null: nothing can be done for it now. */
  find(want: Want): Supply | null {
    // Nothing changed since the same was looked for in vain.
    if (this.failed.get(want.expression) === this.capacity.version) return null;
    const candidates = this.capacity.roomsFor(want);
    const room = this.capacity.choose(candidates);
    if (room !== null) {
      this.capacity.take(room);
      return { kind: 'launch', room };
    }
    const supply = this.makeRoom(candidates);
    if (supply === null) this.failed.set(want.expression, this.capacity.version);
    return supply;
  }

  /** At a full provider: room on its way counts first, so that each need evicts no more nodes than it must. */
  private makeRoom(candidates: readonly PoolRoom[]): Supply | null {
    const full = candidates.filter((room) => {
      const verdict = this.capacity.verdict(room);
      return verdict.kind === 'full' && verdict.of === 'provider';
    });
    for (const room of full) {
      if (!fits(this.soonFree(room), room.need)) continue;
      this.capacity.promise(room, 1);
      return { kind: 'room', room, node_ids: this.leavingAt(room) };
    }
    for (const room of full) {
      const nodes = this.enoughToEvict(room);
      if (nodes.length === 0) continue;
      this.evict(room, nodes);
      return { kind: 'evict', room, nodes };
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

  private leavingAt(room: PoolRoom): NodeId[] {
    return this.capacity.providers.get(room.pool.provider)?.leaving_ids.slice(0, LEAVING_MOST) ?? [];
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
    this.capacity.promise(room, 1);
  }

  private count(room: PoolRoom, evicted: readonly NodeSnapshot[], times: 1 | -1): void {
    const taken = this.taken.get(room.pool.provider);
    for (const node of evicted) {
      this.capacity.leave(room, node, times);
      if (taken !== undefined) add(taken, node.takes, -times);
    }
  }

  /** For a request that waits although something was found for a part of it: nobody is evicted in vain. */
  giveBackEvictions(supplies: readonly (Supply | null)[]): void {
    for (const supply of supplies) {
      if (supply?.kind !== 'evict') continue;
      const { nodes, room } = supply;
      const name = room.pool.provider;
      this.idle.set(name, [...nodes, ...(this.idle.get(name) ?? [])]);
      this.count(room, nodes, -1);
      this.capacity.promise(room, -1);
    }
  }
}
