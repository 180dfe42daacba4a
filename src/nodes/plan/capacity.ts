import { type Amount, add, lowest, type Tally, takeFrom, timesIn } from '../../base/amount.ts';
import { type Want, wantMatcher } from '../../labels/want.ts';
import type { FleetSnapshot, NodeSnapshot, PoolSnapshot, ProviderSnapshot } from '../snapshot.ts';
import { poolKey } from '../snapshot.ts';
import { COMING_STATES } from '../state.ts';

/** How many coming nodes a node type may have after so many failed generations: a failing image is probed, not stormed. */
function comingAllowed(failures: number): number {
  if (failures === 0) return Number.POSITIVE_INFINITY;
  return failures === 1 ? 3 : 1;
}

export interface PoolRoom {
  readonly pool: PoolSnapshot;
  readonly labels: ReadonlySet<string>;
  /** What one node of it takes of its provider. */
  readonly need: Amount;
  /** Its place in the configuration. */
  readonly position: number;
  /** Rows that are not deleted. */
  live: number;
  coming: number;
  /** Ready or coming. */
  warm: number;
}

export interface ProviderRoom {
  readonly provider: ProviderSnapshot;
  /** What its live nodes may take together. */
  readonly ceiling: Amount;
  /** The ceiling less what rows that are not deleted take. */
  readonly free: Tally;
  /** What is taken by those that are on their way out: it is free soon. */
  readonly leaving: Tally;
  /** Kept, of what is free and of what is leaving, for requests that wait for more of it. */
  readonly promised: Tally;
}

/** The room that is left at each provider and node type, counted down while planning. */
export class Capacity {
  readonly now_ms: number;
  readonly pools: PoolRoom[];
  readonly providers: Map<string, ProviderRoom>;
  private readonly byKey: Map<string, PoolRoom>;
  private readonly matching = new Map<string, PoolRoom[]>();

  constructor(snapshot: FleetSnapshot, retired: ReadonlySet<string>) {
    this.now_ms = snapshot.now_ms;
    this.pools = snapshot.pools.map((pool, position) => {
      return { pool, labels: new Set(pool.labels), need: pool.takes, position, live: 0, coming: 0, warm: 0 };
    });
    this.byKey = new Map(this.pools.map((room) => [poolKey(room.pool), room]));
    this.providers = new Map(
      [...snapshot.providers].map(([name, provider]) => {
        const ceiling = ceilingOf(provider);
        return [name, { provider, ceiling, free: { ...ceiling }, leaving: {}, promised: {} }];
      }),
    );
    for (const node of snapshot.nodes) this.count(node, retired.has(node.id));
  }

  private count(node: NodeSnapshot, leaving: boolean): void {
    const provider = this.providers.get(node.provider);
    if (provider !== undefined) {
      takeFrom(provider.free, node.takes, 1);
      if (leaving || node.state === 'deleting') add(provider.leaving, node.takes, 1);
    }
    const room = this.byKey.get(poolKey(node));
    if (room === undefined) return;
    room.live += 1;
    if (leaving) return;
    const coming = COMING_STATES.includes(node.state);
    if (coming) room.coming += 1;
    if (coming || node.state === 'ready') room.warm += 1;
  }

  /** The node types whose nodes serve a want, in the order of the configuration. */
  roomsFor(want: Want): PoolRoom[] {
    let rooms = this.matching.get(want.expression);
    if (rooms === undefined) {
      const matches = wantMatcher(want);
      rooms = this.pools.filter((room) => matches(room.labels));
      this.matching.set(want.expression, rooms);
    }
    return rooms;
  }

  /** May the node type be launched at all now, room aside? Null: yes; else what stands against it. */
  paused(room: PoolRoom): string | null {
    const provider = this.providers.get(room.pool.provider)?.provider;
    if (provider === undefined) return 'its provider is not configured';
    if (provider.retry_at_ms !== null && provider.retry_at_ms > this.now_ms) return provider.message ?? 'paused';
    if (room.pool.retry_at_ms !== null && room.pool.retry_at_ms > this.now_ms) return room.pool.message ?? 'paused';
    if (room.coming >= comingAllowed(room.pool.failures)) return 'waiting to see whether its next launch succeeds';
    return null;
  }

  poolHeadroom(room: PoolRoom): number {
    return (room.pool.limit ?? Number.POSITIVE_INFINITY) - room.live;
  }

  /** How many more nodes of this type may be launched now. */
  headroom(room: PoolRoom): number {
    const provider = this.providers.get(room.pool.provider);
    if (provider === undefined) return 0;
    const left = { ...provider.free };
    takeFrom(left, provider.promised, 1);
    return Math.min(this.poolHeadroom(room), timesIn(left, room.need));
  }

  /** Counts one more node that will be launched (or, with -1, takes that back). */
  take(room: PoolRoom, amount: 1 | -1 = 1): void {
    room.live += amount;
    room.coming += amount;
    room.warm += amount;
    const provider = this.providers.get(room.pool.provider);
    if (provider !== undefined) takeFrom(provider.free, room.need, amount);
  }

  /**
   * Where the next node should come from: sound before failing node types, then the one with the fewest warm nodes,
   * then the one with the fewest labels (rare ones stay free), then the order of the configuration.
   */
  choose(candidates: readonly PoolRoom[]): PoolRoom | null {
    let best: PoolRoom | null = null;
    for (const room of candidates) {
      if (this.headroom(room) < 1 || this.paused(room) !== null) continue;
      if (best === null || isBetter(room, best)) best = room;
    }
    return best;
  }
}

/** The configured limits and the cloud's own less what others take of it; what leaks take is gone from both. */
function ceilingOf({ limits, cloud_limits, strangers, leaked }: ProviderSnapshot): Tally {
  const cloud = { ...cloud_limits };
  takeFrom(cloud, strangers, 1);
  const ceiling = lowest(limits, cloud);
  takeFrom(ceiling, leaked, 1);
  return ceiling;
}

function isBetter(room: PoolRoom, than: PoolRoom): boolean {
  const failing = Number(room.pool.failures > 0) - Number(than.pool.failures > 0);
  if (failing !== 0) return failing < 0;
  if (room.warm !== than.warm) return room.warm < than.warm;
  if (room.labels.size !== than.labels.size) return room.labels.size < than.labels.size;
  return room.position < than.position;
}
