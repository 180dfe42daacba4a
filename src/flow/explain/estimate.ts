import { fits, takeFrom } from '../../base/amount.ts';
import type { NodeId, RequestId } from '../../base/ids.ts';
import { satisfies, type Want, wantOf } from '../../labels/want.ts';
import { Capacity } from '../../nodes/plan/capacity.ts';
import type { Decision, Served, WantDecision } from '../../nodes/plan/decision.ts';
import type { PoolRoom } from '../../nodes/plan/room.ts';
import type { FleetSnapshot, NodeSnapshot } from '../../nodes/snapshot.ts';
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
 * When a request has its nodes, milliseconds from now: those ahead of it are served first, in their order. What serves
 * each is what the planner decided: a ready node; one that is coming, after what is left of its usual launch; a launch,
 * after its usual length. Only for what the planner could not serve yet is the soonest place looked for: that of
 * another node, once that has ended (its hold, or a run of the usual length), and then a launch. A node serves once:
 * what one that is ahead gets is free again after its own run.
 *
 * A guess, on purpose simple: a run may fail and its node be held, and small nodes that end later do not make room for
 * a larger one together. `decisions`: those of the requests ahead, in their order, then its own. Pure.
 */
export function estimateStart(snapshot: FleetSnapshot, decisions: readonly Decision[], lengths: UseLengths): Estimate {
  const ahead = decisions.slice(0, -1);
  const own = decisions.at(-1);
  if (own === undefined) return { expected_ms: null, reason: null };
  if (ahead.length > AHEAD_MOST) return { expected_ms: null, reason: `more than ${AHEAD_MOST} requests are before it` };
  const schedule = new Schedule(snapshot, decisions, lengths);
  for (const { request_id, data } of ahead) schedule.serve(data.wants, lengths.of_request_ms.get(request_id) ?? null);
  return schedule.estimate(own.data.wants);
}

/** A node that is there, or was promised to a request ahead: when its place is free. Null: nobody knows. */
interface Place {
  /** Null: the place of one that another request got. */
  node_id: NodeId | null;
  room: PoolRoom;
  free_ms: number | null;
  /** It serves requests itself from then on; else another is launched in its place. */
  usable: ReadonlySet<string> | null;
}

interface Choice {
  /** Null: nobody knows. */
  start_ms: number | null;
  room: PoolRoom;
  /** Whose places it takes; none: room that is free now. */
  places: readonly Place[];
}

class Schedule {
  private readonly snapshot: FleetSnapshot;
  private readonly capacity: Capacity;
  /** The first that is free first, those of which nobody knows it last. */
  private readonly places: Place[];
  private readonly byNode: ReadonlyMap<string, Place>;
  private readonly rooms: ReadonlyMap<string, PoolRoom>;
  private readonly holds: ReadonlyMap<string, number>;
  /** Nodes that the planner gave to one of the requests. */
  private readonly given: ReadonlySet<string>;

  constructor(snapshot: FleetSnapshot, decisions: readonly Decision[], { left_ms }: UseLengths) {
    this.snapshot = snapshot;
    this.capacity = new Capacity(snapshot, new Set());
    this.holds = new Map(snapshot.holds.map((hold) => [hold.node_id, hold.expires_at_ms]));
    const rooms = new Map(this.capacity.pools.map((room) => [poolKey(room.pool), room]));
    this.rooms = rooms;
    this.places = snapshot.nodes.flatMap((node): Place[] => {
      const room = rooms.get(poolKey(node));
      if (room === undefined) return [];
      const usable = node.state === 'ready' || COMING_STATES.includes(node.state) ? new Set(node.labels) : null;
      return [{ node_id: node.id, room, free_ms: this.freeAfter_ms(node, room, left_ms), usable }];
    });
    this.byNode = new Map(this.places.map((place) => [place.node_id ?? '', place]));
    this.places.sort((left, right) => byFree(left, right));
    const given = decisions.flatMap(({ data }) => data.wants.flatMap(({ served }) => nodesGiven(served)));
    this.given = new Set(given);
  }

  /** A request ahead gets what the planner decided, else what serves it soonest; after `length_ms` that is free again. */
  serve(wants: readonly WantDecision[], length_ms: number | null): void {
    const choices = this.chooseAll(wants);
    const start_ms = Math.max(...choices.map((choice) => choice?.start_ms ?? Number.POSITIVE_INFINITY));
    // When nobody knows when it is served, it takes only what is its already.
    const known = start_ms !== Number.POSITIVE_INFINITY;
    choices.forEach((choice, index) => {
      if (choice === null || (!known && (wants[index]?.served ?? null) === null)) return;
      const { room, places } = choice;
      if (places.length === 0) this.capacity.take(room);
      for (const place of places) this.remove(place);
      const free_ms = length_ms === null || !known ? null : start_ms + length_ms;
      this.add({ node_id: null, room, free_ms, usable: null });
    });
  }

  estimate(wants: readonly WantDecision[]): Estimate {
    let last: (Choice & { start_ms: number; decided: boolean }) | null = null;
    for (const [index, choice] of this.chooseAll(wants).entries()) {
      const start_ms = choice?.start_ms ?? null;
      if (choice === null || start_ms === null) {
        return { expected_ms: null, reason: this.whyUnknown(wants[index] as WantDecision) };
      }
      if (last === null || start_ms > last.start_ms)
        last = { ...choice, start_ms, decided: wants[index]?.served != null };
    }
    if (last === null) return { expected_ms: null, reason: null };
    const waits_for_place = !last.decided && last.places.some((place) => place.usable === null);
    const at_most = waits_for_place && wants.some(({ expression }) => this.hasUnknown(wantOf(expression)));
    return { expected_ms: last.start_ms, provider: last.room.pool.provider, at_most };
  }

  private remove(place: Place): void {
    const index = this.places.indexOf(place);
    if (index >= 0) this.places.splice(index, 1);
  }

  private add(place: Place): void {
    const after = this.places.findIndex((other) => freeAt_ms(other) > freeAt_ms(place));
    this.places.splice(after < 0 ? this.places.length : after, 0, place);
  }

  private chooseAll(wants: readonly WantDecision[]): (Choice | null)[] {
    const choices: Choice[] = [];
    const all = wants.map((want) => {
      const choice = want.served === null ? this.choose(wantOf(want.expression), choices) : this.decided(want.served);
      if (choice === null) return null;
      choices.push(choice);
      if (choice.places.length === 0) this.capacity.take(choice.room);
      return choice;
    });
    // Whoever is served takes it again.
    for (const { places, room } of choices) if (places.length === 0) this.capacity.take(room, -1);
    return all;
  }

  private decided(served: Served): Choice | null {
    if (served.kind === 'ready' || served.kind === 'coming') {
      const place = this.byNode.get(served.node_id);
      return place === undefined ? null : { start_ms: place.free_ms, room: place.room, places: [place] };
    }
    const room = this.rooms.get(poolKey(served));
    if (room === undefined) return null;
    const node_ids = 'node_ids' in served ? served.node_ids : [];
    const places = node_ids.flatMap((id) => this.byNode.get(id) ?? []).filter((place) => this.places.includes(place));
    // Of several that are being deleted it takes the first that no request before it took.
    const taken = served.kind === 'room' ? places.slice(0, 1) : places;
    return { start_ms: this.launchedAt_ms(room, 0), room, places: taken };
  }

  private choose(want: Want, taken: readonly Choice[]): Choice | null {
    const rooms = this.capacity.roomsFor(want);
    let best: (Choice & { start_ms: number }) | null = null;
    const offer = (choice: Choice & { start_ms: number }): void => {
      if (best === null || choice.start_ms < best.start_ms) best = choice;
    };
    // Of places that are alike, only the first matters.
    const seen = new Set<PoolRoom>();
    for (const place of this.places) {
      if (place.free_ms === null || (best !== null && place.free_ms >= (best as { start_ms: number }).start_ms)) break;
      if (place.node_id !== null && this.given.has(place.node_id)) continue;
      const used = taken.some((choice) => choice.places.includes(place));
      if (used || (place.usable === null && seen.has(place.room))) continue;
      if (place.usable === null) seen.add(place.room);
      if (place.usable !== null && satisfies(want, place.usable)) {
        offer({ start_ms: place.free_ms, room: place.room, places: [place] });
        continue;
      }
      for (const room of rooms) {
        const launched_ms = this.launchedAt_ms(room, place.free_ms);
        if (launched_ms !== null && this.fitsInPlace(room, place))
          offer({ start_ms: launched_ms, room, places: [place] });
      }
    }
    for (const room of rooms) {
      const launched_ms = this.launchedAt_ms(room, 0);
      if (launched_ms !== null && this.capacity.hasRoom(room)) offer({ start_ms: launched_ms, room, places: [] });
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

  private whyUnknown({ expression, served }: WantDecision): string | null {
    const decided = served === null ? undefined : this.rooms.get(poolKey(served));
    const rooms = decided === undefined ? this.capacity.roomsFor(wantOf(expression)) : [decided];
    if (rooms.length === 0) return null;
    const types = [...new Set(rooms.map((room) => room.pool.node_type))].join(', ');
    if (rooms.every((room) => room.pool.launch_ms === null)) return `no node of ${types} was ready here before`;
    return 'nobody knows how long the nodes that it waits for stay in use';
  }
}

function nodesGiven(served: Served | null): NodeId[] {
  return served?.kind === 'ready' || served?.kind === 'coming' ? [served.node_id] : [];
}

function freeAt_ms({ free_ms }: Place): number {
  return free_ms ?? Number.POSITIVE_INFINITY;
}

function byFree(left: Place, right: Place): number {
  const [first, second] = [freeAt_ms(left), freeAt_ms(right)];
  return first === second ? 0 : first - second;
}
