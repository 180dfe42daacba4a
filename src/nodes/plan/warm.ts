import { formatDuration } from '../../base/units.ts';
import type { FleetSnapshot, NodeSnapshot } from '../snapshot.ts';
import { poolKey } from '../snapshot.ts';
import { type FleetAction, type LaunchAction, type RetireAction, retire } from './actions.ts';
import type { Capacity } from './capacity.ts';
import { describeRoom } from './demand.ts';
import type { PoolRoom } from './room.ts';

/** A ready node that neither a label nor a request asks for is kept this long, in case one comes. */
export const SURPLUS_IDLE_MS = 300_000;

/** Launches until every label has its number of idle nodes, ready or coming. Labels with the least choice go first. */
export function planWarm(
  snapshot: FleetSnapshot,
  idle: readonly NodeSnapshot[],
  coming: readonly NodeSnapshot[],
  capacity: Capacity,
): LaunchAction[] {
  const counts = countLabels([...idle, ...coming]);
  const labels = [...snapshot.labels].filter(([, target]) => target.ready > 0);
  const choices = labels.map(([label, target]) => {
    return { label, target, rooms: capacity.pools.filter((room) => room.labels.has(label)) };
  });
  choices.sort((left, right) => left.rooms.length - right.rooms.length);
  const actions: LaunchAction[] = [];
  for (const { label, target, rooms } of choices) {
    for (let count = counts.get(label) ?? 0; count < target.ready; count = counts.get(label) ?? 0) {
      const room = capacity.choose(rooms);
      if (room === null) break;
      actions.push(launchFor(label, count, target.ready, room, capacity));
      for (const carried of room.labels) counts.set(carried, (counts.get(carried) ?? 0) + 1);
    }
  }
  return actions;
}

function launchFor(label: string, count: number, target: number, room: PoolRoom, capacity: Capacity): LaunchAction {
  capacity.take(room);
  const reason = `${label} below its target (${count} of ${target}); ${describeRoom(room)}`;
  return { kind: 'launch', pool: room.pool, request_id: null, reason };
}

function countLabels(nodes: readonly NodeSnapshot[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const node of nodes) for (const label of node.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

/** Idle nodes older than `max_ready_age`: a quarter of a pool at a time, so that it never goes cold at once. */
export function planAged(snapshot: FleetSnapshot, idle: readonly NodeSnapshot[], capacity: Capacity): RetireAction[] {
  const room = new Map(capacity.pools.map((pool) => [poolKey(pool.pool), pool]));
  const left = new Map<string, number>();
  const actions: RetireAction[] = [];
  for (const node of idle) {
    const age_ms = snapshot.now_ms - (node.ready_at_ms ?? snapshot.now_ms);
    const [label, most_ms] = shortestAge(snapshot, node);
    if (age_ms <= most_ms) continue;
    const key = poolKey(node);
    const pool = room.get(key);
    const allowed = left.get(key) ?? Math.max(1, Math.ceil((pool?.warm ?? 1) / 4)) - (pool?.coming ?? 0);
    if (allowed < 1) continue;
    left.set(key, allowed - 1);
    const reason = `ready for ${formatDuration(age_ms)}, longer than the max_ready_age of ${label} (${formatDuration(most_ms)})`;
    actions.push(retire(node, 'aged', reason));
  }
  return actions;
}

function shortestAge(snapshot: FleetSnapshot, node: NodeSnapshot): [string, number] {
  let shortest: [string, number] = ['', Number.POSITIVE_INFINITY];
  for (const label of node.labels) {
    const age_ms = snapshot.labels.get(label)?.max_ready_age_ms ?? Number.POSITIVE_INFINITY;
    if (age_ms < shortest[1]) shortest = [label, age_ms];
  }
  return shortest;
}

/** Idle nodes that no label needs any more, after a time: the oldest goes first. */
export function planSurplus(
  snapshot: FleetSnapshot,
  idle: readonly NodeSnapshot[],
  coming: readonly NodeSnapshot[],
): FleetAction[] {
  const counts = countLabels([...idle, ...coming]);
  const actions: FleetAction[] = [];
  for (const node of idle) {
    const idle_ms = snapshot.now_ms - node.state_since_ms;
    if (idle_ms < SURPLUS_IDLE_MS) continue;
    const needed = node.labels.some((label) => (counts.get(label) ?? 0) <= (snapshot.labels.get(label)?.ready ?? 0));
    if (needed) continue;
    for (const label of node.labels) counts.set(label, (counts.get(label) ?? 0) - 1);
    actions.push(retire(node, 'surplus', `idle for ${formatDuration(idle_ms)}, and no label needs it to be warm`));
  }
  return actions;
}
