import { expect, test } from 'vitest';
import type { HoldId, NodeId, RequestId } from '../../base/ids.ts';
import { planFleet } from '../../nodes/plan.ts';
import type { FleetSnapshot } from '../../nodes/snapshot.ts';
import { demand, fleet, NOW_MS, node, pool, provider } from '../../nodes/testing/snapshots.ts';
import { type Estimate, estimateStart, type UseLengths } from './estimate.ts';

const LAUNCH_MS = 15_000;
const RUN_MS = 30_000;
const at = (limit: number) => new Map([['a', provider('a', { limit })]]);
const pools = [pool(['jammy'], { launch_ms: LAUNCH_MS })];

/** Of the last request of the snapshot, by the plan for it. */
function estimate(snapshot: FleetSnapshot, lengths: UseLengths): Estimate {
  return estimateStart(snapshot, planFleet(snapshot).decisions, lengths);
}

/** The last of `count` requests for a node each; of those ahead all runs last as usual, unless they are told. */
function lastOf(count: number, snapshot: FleetSnapshot, lengths: Partial<UseLengths> = {}): Estimate {
  const ahead = Array.from({ length: count - 1 }, (_, index) => demand(index + 1, 'jammy'));
  const of_request_ms = new Map(ahead.map(({ request_id }) => [request_id, RUN_MS]));
  const given: UseLengths = { left_ms: new Map(), of_request_ms, ...lengths };
  return estimate({ ...snapshot, demand: [...ahead, demand(99, 'jammy')] }, given);
}

const held = (id: string, ends_in_ms: number) => {
  const times = { created_at_ms: NOW_MS, expires_at_ms: NOW_MS + ends_in_ms };
  return { id: 1 as HoldId, node_id: id as NodeId, owner: 'maria', reason: 'a look', ...times };
};

test('each request ahead delays those behind it by a run and a launch, where one node comes at a time', () => {
  const holds = ['n-1', 'n-2', 'n-3', 'n-4'].map((id) => held(id, 8 * 3_600_000));
  const nodes = holds.map(({ node_id }) => node(node_id, { state: 'held' }));
  const snapshot = fleet({ pools, holds, nodes, providers: at(5) });
  const expected = [1, 2, 3, 6].map((count) => lastOf(count, snapshot).expected_ms);
  const turn_ms = RUN_MS + LAUNCH_MS;
  expect(expected).toEqual([LAUNCH_MS, LAUNCH_MS + turn_ms, LAUNCH_MS + 2 * turn_ms, LAUNCH_MS + 5 * turn_ms]);
});

test('as many at once as the limits allow', () => {
  const turns = (snapshot: FleetSnapshot) =>
    [1, 2, 3, 4, 5].map((count) => ((lastOf(count, snapshot).expected_ms ?? 0) - LAUNCH_MS) / (RUN_MS + LAUNCH_MS));
  expect(turns(fleet({ pools }))).toEqual([0, 0, 0, 0, 0]);
  expect(turns(fleet({ pools, providers: at(2) }))).toEqual([0, 0, 1, 1, 2]);
  const sized = [pool(['jammy'], { launch_ms: LAUNCH_MS, options: { cores: 4 } })];
  const cores = new Map([['a', provider('a', { limit_cores: 9 })]]);
  expect(turns(fleet({ pools: sized, providers: cores }))).toEqual([0, 0, 1, 1, 2]);
  const limited = [pool(['jammy'], { launch_ms: LAUNCH_MS, limit: 1 })];
  expect(turns(fleet({ pools: limited }))).toEqual([0, 1, 2, 3, 4]);
});

test('ready and coming nodes serve the first, busy ones end as usual, and paused pools wait', () => {
  const nodes = [
    node('n-1', { state: 'ready' }),
    node('n-2', { state: 'booting', created_at_ms: NOW_MS - 5_000 }),
    node('n-3', { state: 'running' }),
  ];
  const snapshot = fleet({ pools, nodes, providers: at(3) });
  const left_ms = new Map([['n-3', 2_000]]);
  expect([1, 2, 3].map((count) => lastOf(count, snapshot, { left_ms }).expected_ms)).toEqual([0, 10_000, 17_000]);
  const paused = [pool(['jammy'], { launch_ms: LAUNCH_MS, retry_at_ms: NOW_MS + 60_000 })];
  expect(lastOf(1, fleet({ pools: paused })).expected_ms).toBe(75_000);
});

test('those that want other nodes delay nobody, and all nodes of a request come together', () => {
  const two = [...pools, pool(['noble'], { launch_ms: LAUNCH_MS, provider: 'b' })];
  const providers = new Map([...at(1), ['b', provider('b', { limit: 1 })]]);
  const snapshot = fleet({ pools: two, providers });
  const lengths = { left_ms: new Map(), of_request_ms: new Map([[1 as RequestId, RUN_MS]]) };
  const ask = (ahead: string, ...labels: string[]) => {
    return estimate({ ...snapshot, demand: [demand(1, ahead), demand(2, ...labels)] }, lengths).expected_ms;
  };
  expect(ask('noble', 'jammy')).toBe(LAUNCH_MS);
  expect(ask('jammy', 'jammy')).toBe(LAUNCH_MS + RUN_MS + LAUNCH_MS);
  expect(ask('noble', 'jammy', 'noble')).toBe(LAUNCH_MS + RUN_MS + LAUNCH_MS);
});

test('says so where it cannot be known', () => {
  const unknown = 'nobody knows how long the nodes that it waits for stay in use';
  const busy = fleet({ pools, nodes: [node('n-1', { state: 'running' })], providers: at(1) });
  expect(lastOf(1, busy)).toEqual({ expected_ms: null, reason: unknown });
  // A request of a program keeps its nodes for as long as it likes.
  const one = fleet({ pools, providers: at(1) });
  expect(lastOf(2, one, { of_request_ms: new Map() })).toEqual({ expected_ms: null, reason: unknown });
  expect(lastOf(1, fleet())).toEqual({ expected_ms: null, reason: 'no node of jammy was ready here before' });
  expect(lastOf(102, one)).toEqual({ expected_ms: null, reason: 'more than 100 requests are before it' });
  expect(lastOf(1, fleet({ pools: [] }))).toEqual({ expected_ms: null, reason: null });
  const holds = [held('n-2', 60_000)];
  const nodes = [node('n-1', { state: 'running' }), node('n-2', { state: 'held' })];
  const some = { expected_ms: 75_000, provider: 'a', at_most: true };
  expect(lastOf(1, fleet({ pools, holds, nodes, providers: at(2) }))).toEqual(some);
});
