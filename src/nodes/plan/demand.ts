import { formatRequestId } from '../../base/ids.ts';
import type { Match, Matching } from '../../labels/matching.ts';
import type { Want } from '../../labels/want.ts';
import type { Demand, NodeSnapshot } from '../snapshot.ts';
import { type FleetAction, type LaunchAction, type RetireAction, retire } from './actions.ts';
import type { Capacity } from './capacity.ts';
import { decide, type Look } from './decide.ts';
import type { Decision } from './decision.ts';
import { Holders } from './holders.ts';
import type { PoolRoom } from './room.ts';
import { Supplier, type Supply } from './supplier.ts';
import { Survey } from './survey.ts';

/** Requests planned at once: a few milliseconds. */
const SLICE_DEMANDS = 500;

/**
 * Launches for requests that no ready or coming node will serve, in the requests' order, and what was decided for each
 * request. A request for several nodes gets all of its launches or none: what fits is kept free for it, but no machine
 * stands idle beside a missing one.
 */
export function* planDemand(
  { matches, free }: Matching<Demand, NodeSnapshot>,
  capacity: Capacity,
): Generator<void, { actions: FleetAction[]; decisions: Decision[] }> {
  const supplier = new Supplier(free[0] ?? [], capacity);
  const survey = new Survey(capacity);
  const holders = new Holders(matches);
  const actions: FleetAction[] = [];
  const decisions: Decision[] = [];
  for (const [index, match] of matches.entries()) {
    if (index % SLICE_DEMANDS === SLICE_DEMANDS - 1) yield;
    const { demand } = match;
    const looks = lookFor(match, supplier, survey);
    const complete = looks.every(({ supply }, at) => match.nodes[at] !== null || supply !== null);
    if (complete) actions.push(...looks.flatMap(({ want, supply }) => describe(demand, want, supply)));
    else supplier.giveBackEvictions(looks.map(({ supply }) => supply));
    for (const { supply } of looks) {
      // What an incomplete request evicts is given back; the rest is kept for it.
      if (supply !== null && (complete || supply.kind !== 'evict')) capacity.keepFor(supply.room, demand.request_id);
    }
    decisions.push(decide(match, looks, complete, holders));
  }
  return { actions, decisions };
}

function lookFor({ demand, nodes }: Match<Demand, NodeSnapshot>, supplier: Supplier, survey: Survey): Look[] {
  return demand.wants.map((want, index) => {
    const node_types = survey.of(want);
    return { want, supply: nodes[index] === null ? supplier.find(want) : null, node_types };
  });
}

function describe(demand: Demand, want: Want, supply: Supply | null): (LaunchAction | RetireAction)[] {
  if (supply === null || supply.kind === 'room') return [];
  const wanted = `${formatRequestId(demand.request_id)} waits for ${want.expression}`;
  const { pool } = supply.room;
  if (supply.kind === 'evict') {
    const reason = `${wanted} and ${pool.provider} is at its limit; this node was idle`;
    return supply.nodes.map((node) => retire(node, 'evicted', reason));
  }
  const reason = `${wanted}; ${describeRoom(supply.room)}`;
  return [{ kind: 'launch', pool, request_id: demand.request_id, reason }];
}

/** Why this pool, for the node's first event: where the fewest are, the next is made. */
export function describeRoom(room: PoolRoom): string {
  const others = room.warm - 1;
  if (others === 0) return `${room.pool.provider} has no other ready or coming`;
  return `${room.pool.provider} has ${others} other${others === 1 ? '' : 's'} ready or coming`;
}
