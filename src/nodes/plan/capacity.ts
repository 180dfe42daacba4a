import { add, fits, lowest, type Tally, takeFrom } from '../../base/amount.ts';
import type { RequestId } from '../../base/ids.ts';
import { type Want, wantMatcher } from '../../labels/want.ts';
import type { FleetSnapshot, NodeSnapshot, ProviderSnapshot } from '../snapshot.ts';
import { poolKey } from '../snapshot.ts';
import { COMING_STATES } from '../state.ts';
import type { PoolRoom, ProviderRoom, Verdict } from './room.ts';
import { judge } from './verdict.ts';

/** Of the requests for which something is taken at a place, so many are named. */
const KEPT_FOR_MOST = 5;

/** The room that is left at each provider and node type, counted down while planning. */
export class Capacity {
  readonly now_ms: number;
  /** Counts what changes while planning: the same number, the same verdicts. */
  version = 0;
  readonly pools: PoolRoom[];
  readonly providers: Map<string, ProviderRoom>;
  private readonly byKey: Map<string, PoolRoom>;
  private readonly matching = new Map<string, PoolRoom[]>();

  constructor(snapshot: FleetSnapshot, retired: ReadonlySet<string>) {
    this.now_ms = snapshot.now_ms;
    this.pools = snapshot.pools.map((pool, position) => {
      const counts = { live: 0, coming: 0, warm: 0 };
      return { pool, labels: new Set(pool.labels), need: pool.takes, position, ...counts, kept_for: [], verdict: null };
    });
    this.byKey = new Map(this.pools.map((room) => [poolKey(room.pool), room]));
    this.providers = new Map(
      [...snapshot.providers].map(([name, provider]) => {
        const ceiling = ceilingOf(provider);
        const taken = { leaving: {}, promised: {}, leaving_ids: [], kept_for: [], rooms: [] };
        return [name, { provider, ceiling, free: { ...ceiling }, ...taken }];
      }),
    );
    for (const room of this.pools) this.providers.get(room.pool.provider)?.rooms.push(room);
    for (const node of snapshot.nodes) this.count(node, retired.has(node.id));
  }

  private count(node: NodeSnapshot, leaving: boolean): void {
    const provider = this.providers.get(node.provider);
    if (provider !== undefined) {
      takeFrom(provider.free, node.takes, 1);
      if (leaving || node.state === 'deleting') {
        add(provider.leaving, node.takes, 1);
        provider.leaving_ids.push(node.id);
      }
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

  /** Can one more of it be launched now? */
  verdict(room: PoolRoom): Verdict {
    room.verdict ??= judge(room, this.providers.get(room.pool.provider), this.now_ms);
    return room.verdict;
  }

  poolHeadroom(room: PoolRoom): number {
    return (room.pool.limit ?? Number.POSITIVE_INFINITY) - room.live;
  }

  /** Would one more of it fit, paused or not? */
  hasRoom(room: PoolRoom): boolean {
    const provider = this.providers.get(room.pool.provider);
    if (provider === undefined || this.poolHeadroom(room) < 1) return false;
    const left = { ...provider.free };
    takeFrom(left, provider.promised, 1);
    return fits(left, room.need);
  }

  /** Counts one more node that will be launched (or, with -1, takes that back). */
  take(room: PoolRoom, amount: 1 | -1 = 1): void {
    room.live += amount;
    room.coming += amount;
    room.warm += amount;
    const provider = this.providers.get(room.pool.provider);
    if (provider !== undefined) takeFrom(provider.free, room.need, amount);
    this.changed(room);
  }

  /** Keeps what one of it needs, of what is free or leaving (or, with -1, no more). */
  promise(room: PoolRoom, times: 1 | -1): void {
    const provider = this.providers.get(room.pool.provider);
    if (provider !== undefined) add(provider.promised, room.need, times);
    this.changed(room);
  }

  /** Counts a node at its provider as leaving (or, with -1, as staying). */
  leave(room: PoolRoom, node: NodeSnapshot, times: 1 | -1): void {
    const provider = this.providers.get(room.pool.provider);
    if (provider !== undefined) add(provider.leaving, node.takes, times);
    this.changed(room);
  }

  /** What was taken or kept there is for this request. */
  keepFor(room: PoolRoom, request_id: RequestId): void {
    for (const place of [room, this.providers.get(room.pool.provider)]) {
      if (place === undefined || place.kept_for.length >= KEPT_FOR_MOST || place.kept_for.includes(request_id))
        continue;
      place.kept_for.push(request_id);
      this.changed(room);
    }
  }

  private changed(room: PoolRoom): void {
    this.version += 1;
    room.verdict = null;
    for (const other of this.providers.get(room.pool.provider)?.rooms ?? []) other.verdict = null;
  }

  /**
   * Where the next node should come from: sound before failing node types, then the one with the fewest warm nodes,
   * then the one with the fewest labels (rare ones stay free), then the order of the configuration.
   */
  choose(candidates: readonly PoolRoom[]): PoolRoom | null {
    let best: PoolRoom | null = null;
    for (const room of candidates) {
      if (this.verdict(room).kind !== 'open') continue;
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
