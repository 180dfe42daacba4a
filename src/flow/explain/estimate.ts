import { fits, takeFrom } from '../../base/amount.ts';
import type { RequestId } from '../../base/ids.ts';
import { satisfies, type Want } from '../../labels/want.ts';
import type { Capacity, PoolRoom } from '../../nodes/plan/capacity.ts';
import type { Demand, FleetSnapshot, NodeSnapshot } from '../../nodes/snapshot.ts';
import { poolKey } from '../../nodes/snapshot.ts';
import { COMING_STATES } from '../../nodes/state.ts';

/** With more before it than this, nobody is told a time: it would be wrong, and long to find. */
export const AHEAD_MOST = 100;

/** How long nodes stay in use, milliseconds; what is not in a map is not known. */
export interface UseLengths {
  /** How much longer, of nodes that are in use now. */
  left_ms: ReadonlyMap<string, number>;
  /** How long, of waiting requests once they are served. */
  of_request_ms: ReadonlyMap<RequestId, number>;
}

export type Estimate =
  /** `at_most`: sooner, if one of the nodes of which it is not known when they are free is free before. */
  | { expected_ms: number; provider: string; at_most: boolean }
  /** Why it cannot be told; null: nothing here can serve it. */
  | { expected_ms: null; reason: string | null };

/**
 * When a request has its nodes, milliseconds from now: those ahead of it are served first, in their order, each by what
 * serves it soonest. That is a ready node; one that is coming, after what is left of its usual launch; room for a new
 * one, after a usual launch; or the place of another node, once that has ended (its hold, or a run of the usual
 * length), and then a launch. A node serves once: what one that is ahead gets is free again after its own run.
 *
 * A guess, on purpose simple: a run may fail and its node be held, and small nodes do not make room for a larger one
 * together. `capacity` is counted down. Pure.
 */
export function estimateStart(
  snapshot: FleetSnapshot,
  capacity: Capacity,
  ahead: readonly Demand[],
  wants: readonly Want[],
  lengths: UseLengths,
): Estimate {
  if (ahead.length > AHEAD_MOST) return { expected_ms: null, reason: `more than ${AHEAD_MOST} requests are before it` };
  const supply = new Supply(snapshot, capacity, lengths);
  for (const demand of ahead) supply.serve(demand.wants, lengths.of_request_ms.get(demand.request_id) ?? null);
  return supply.estimate(wants);
}

/** A node that is there, or was promised to a request ahead: when its place is free. Null: nobody knows. */
interface Place {
  room: PoolRoom;
  free_ms: number | null;
  /** It serves requests itself from then on; else another is launched in its place. */
  usable: ReadonlySet<string> | null;
}

interface Choice {
  start_ms: number;
  room: PoolRoom;
  /** Null: room that is free now. */
  place: Place | null;
}

class Supply {
  private readonly snapshot: FleetSnapshot;
  private readonly capacity: Capacity;
  /** The first that is free first, those of which nobody knows it last. */
  private readonly places: Place[];
  private readonly holds: ReadonlyMap<string, number>;

  constructor(snapshot: FleetSnapshot, capacity: Capacity, { left_ms }: UseLengths) {
    this.snapshot = snapshot;
    this.capacity = capacity;
    this.holds = new Map(snapshot.holds.map((hold) => [hold.node_id, hold.expires_at_ms]));
    const rooms = new Map(capacity.pools.map((room) => [poolKey(room.pool), room]));
    this.places = snapshot.nodes.flatMap((node): Place[] => {
      const room = rooms.get(poolKey(node));
      if (room === undefined) return [];
      const usable = node.state === 'ready' || COMING_STATES.includes(node.state) ? new Set(node.labels) : null;
      return [{ room, free_ms: this.freeAfter_ms(node, room, left_ms), usable }];
    });
    this.places.sort((left, right) => byFree(left, right));
  }

  /** A request ahead gets what serves it soonest; after `length_ms` those places are free again. */
  serve(wants: readonly Want[], length_ms: number | null): void {
    const choices = this.chooseAll(wants);
    const start_ms = Math.max(...choices.map((choice) => choice?.start_ms ?? Number.POSITIVE_INFINITY));
    // When nobody knows when it is served, it takes nothing of what those behind it could know.
    if (start_ms === Number.POSITIVE_INFINITY) return;
    for (const choice of choices) {
      if (choice === null) continue;
      const { room, place } = choice;
      if (place === null) this.capacity.take(room);
      else this.places.splice(this.places.indexOf(place), 1);
      this.add({ room, free_ms: length_ms === null ? null : start_ms + length_ms, usable: null });
    }
  }

  estimate(wants: readonly Want[]): Estimate {
    let last: Choice | null = null;
    for (const [index, choice] of this.chooseAll(wants).entries()) {
      if (choice === null) return { expected_ms: null, reason: this.whyUnknown(wants[index] as Want) };
      if (last === null || choice.start_ms > last.start_ms) last = choice;
    }
    if (last === null) return { expected_ms: null, reason: null };
    const waits_for_place = last.place !== null && last.place.usable === null;
    const at_most = waits_for_place && wants.some((want) => this.hasUnknown(want));
    return { expected_ms: last.start_ms, provider: last.room.pool.provider, at_most };
  }

  private add(place: Place): void {
    const after = this.places.findIndex((other) => freeAt_ms(other) > freeAt_ms(place));
    this.places.splice(after < 0 ? this.places.length : after, 0, place);
  }

  private chooseAll(wants: readonly Want[]): (Choice | null)[] {
    const choices: Choice[] = [];
    const all = wants.map((want) => {
      const choice = this.choose(want, choices);
      if (choice === null) return null;
      choices.push(choice);
      if (choice.place === null) this.capacity.take(choice.room);
      return choice;
    });
    // Whoever is served takes it again.
    for (const { place, room } of choices) if (place === null) this.capacity.take(room, -1);
    return all;
  }

  private choose(want: Want, taken: readonly Choice[]): Choice | null {
    const rooms = this.capacity.roomsFor(want);
    let best: Choice | null = null;
    const offer = (choice: Choice): void => {
      if (best === null || choice.start_ms < best.start_ms) best = choice;
    };
    // Of places that are alike, only the first matters.
    const seen = new Set<PoolRoom>();
    for (const place of this.places) {
      if (place.free_ms === null || (best !== null && place.free_ms >= (best as Choice).start_ms)) break;
      if ((place.usable === null && seen.has(place.room)) || taken.some((choice) => choice.place === place)) continue;
      if (place.usable === null) seen.add(place.room);
      if (place.usable !== null && satisfies(want, place.usable)) {
        offer({ start_ms: place.free_ms, room: place.room, place });
        continue;
      }
      for (const room of rooms) {
        const launched_ms = this.launchedAt_ms(room, place.free_ms);
        if (launched_ms !== null && this.fitsInPlace(room, place)) offer({ start_ms: launched_ms, room, place });
      }
    }
    for (const room of rooms) {
      const launched_ms = this.launchedAt_ms(room, 0);
      if (launched_ms !== null && this.capacity.headroom(room) >= 1)
        offer({ start_ms: launched_ms, room, place: null });
    }
    return best;
  }

  /** When one that may be launched from then on is ready; null: nobody knows. */
  private launchedAt_ms(room: PoolRoom, from_ms: number): number | null {
    const { pool } = room;
    if (pool.launch_ms === null) return null;
    const retry_at_ms = Math.max(this.snapshot.providers.get(pool.provider)?.retry_at_ms ?? 0, pool.retry_at_ms ?? 0);
    return Math.max(from_ms, retry_at_ms - this.snapshot.now_ms) + pool.launch_ms;
  }

  /** Can a node of this type be launched where that one was? */
  private fitsInPlace(room: PoolRoom, place: Place): boolean {
    if (room === place.room) return true;
    const provider = this.capacity.providers.get(room.pool.provider);
    if (provider === undefined || place.room.pool.provider !== room.pool.provider) return false;
    if (this.capacity.poolHeadroom(room) < 1) return false;
    const left = { ...provider.free };
    takeFrom(left, place.room.need, -1);
    return fits(left, room.need);
  }

  private freeAfter_ms(node: NodeSnapshot, room: PoolRoom, left_ms: ReadonlyMap<string, number>): number | null {
    if (node.state === 'ready' || node.state === 'deleting') return 0;
    if (COMING_STATES.includes(node.state)) {
      const { launch_ms } = room.pool;
      return launch_ms === null ? null : Math.max(0, launch_ms - (this.snapshot.now_ms - node.created_at_ms));
    }
    if (node.state !== 'held') return left_ms.get(node.id) ?? null;
    const expires_at_ms = this.holds.get(node.id);
    return expires_at_ms === undefined ? null : Math.max(0, expires_at_ms - this.snapshot.now_ms);
  }

  /** Is there a place that would serve it, and nobody knows when? */
  private hasUnknown(want: Want): boolean {
    const rooms = this.capacity.roomsFor(want);
    return this.places.some((place) => place.free_ms === null && rooms.some((room) => this.fitsInPlace(room, place)));
  }

  private whyUnknown(want: Want): string | null {
    const rooms = this.capacity.roomsFor(want);
    if (rooms.length === 0) return null;
    const types = [...new Set(rooms.map((room) => room.pool.node_type))].join(', ');
    if (rooms.every((room) => room.pool.launch_ms === null)) return `no node of ${types} was ready here before`;
    return 'nobody knows how long the nodes that it waits for stay in use';
  }
}

function freeAt_ms({ free_ms }: Place): number {
  return free_ms ?? Number.POSITIVE_INFINITY;
}

function byFree(left: Place, right: Place): number {
  const [first, second] = [freeAt_ms(left), freeAt_ms(right)];
  return first === second ? 0 : first - second;
}
