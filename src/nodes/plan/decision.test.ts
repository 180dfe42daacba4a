import { describe, expect, test } from 'vitest';
import { planFleet } from '../plan.ts';
import type { FleetSnapshot } from '../snapshot.ts';
import { demand, fleet, NOW_MS, node, pool, provider } from '../testing/snapshots.ts';

/** `r-1 launching: …` for each request. */
const decided = (snapshot: FleetSnapshot): string[] =>
  planFleet(snapshot).decisions.map(({ request_id, code, sentence }) => `r-${request_id} ${code}: ${sentence}`);
const at = (limit: number) => new Map([['a', provider('a', { limit })]]);

describe('what is decided for a request', () => {
  test('the nodes that are there or on their way, by name', () => {
    const nodes = [node('n-1'), node('n-2', { state: 'booting' }), node('n-3', { state: 'launching' })];
    const waiting = [demand(1, 'jammy'), demand(2, 'jammy'), demand(3, 'jammy', 'jammy')];
    expect(decided(fleet({ nodes, demand: waiting, providers: at(3) }))).toEqual([
      'r-1 served_by_ready: n-1 is ready for it.',
      'r-2 served_by_coming: n-2 is on its way for it.',
      'r-3 behind_others: n-1, which is ready, is for r-1, which is before it; a is at its limit: 3 of 3 nodes in use; what it has until then is kept: n-3 is on its way for it.',
    ]);
  });

  test('a launch, and whose place it is where two requests compete for one', () => {
    const snapshot = fleet({ demand: [demand(1, 'jammy'), demand(2, 'jammy')], providers: at(1) });
    expect(decided(snapshot)).toEqual([
      'r-1 launching: a node of jammy is launched for it at a.',
      'r-2 behind_others: a is at its limit: 1 of 1 nodes in use or kept for r-1, which is before it.',
    ]);
    const nodes = [node('n-1', { state: 'booting' })];
    expect(decided({ ...snapshot, nodes })).toEqual([
      'r-1 served_by_coming: n-1 is on its way for it.',
      'r-2 behind_others: n-1, which is on its way, is for r-1, which is before it; a is at its limit: 1 of 1 nodes in use.',
    ]);
  });

  test('an eviction, then the room that comes of it, and that it is not for the next', () => {
    const pools = [pool(['jammy']), pool(['noble'])];
    const nodes = [node('n-1'), node('n-2', { state: 'running' })];
    const snapshot = fleet({ pools, nodes, providers: at(2), demand: [demand(7, 'noble'), demand(8, 'noble')] });
    const next = 'r-8 behind_others: a is at its limit: 2 of 2 nodes in use or kept for r-7, which is before it.';
    expect(decided(snapshot)).toEqual([
      'r-7 evicting: a node of noble is launched for it at a once n-1, idle until now, makes room.',
      next,
    ]);
    const leaving = nodes.map((each) => (each.id === 'n-1' ? { ...each, state: 'deleting' as const } : each));
    expect(decided({ ...snapshot, nodes: leaving })).toEqual([
      'r-7 waiting_room: a node of noble is launched for it at a once there is room: n-1 is being deleted.',
      next,
    ]);
  });

  test('what is exhausted, of which limit, with figures', () => {
    const options = { cores: 4 };
    const pools = [pool(['big'], { options }), pool(['big', 'x'], { options, provider: 'b', limit: 1 })];
    const providers = new Map([
      ['a', provider('a', { limit_cores: 6 })],
      ['b', provider('b')],
    ]);
    const big = { node_type: 'big', labels: ['big'], options, state: 'running' as const };
    const nodes = [node('n-1', big), node('n-2', { ...big, provider: 'b', node_type: 'big-x' })];
    const [decision] = planFleet(fleet({ pools, providers, nodes, demand: [demand(1, 'big')] })).decisions;
    expect(decision).toMatchObject({
      code: 'limit_exhausted',
      sentence: 'a is at its limit: 4 of 6 cores in use; big-x at b is at its limit: 1 of 1 nodes in use.',
    });
    expect(decision?.data.wants[0]?.node_types.map(({ verdict }) => verdict)).toEqual([
      { kind: 'full', of: 'provider', dimension: 'cores', used: 4, limit: 6, need: 4, kept: 0, kept_for: [] },
      { kind: 'full', of: 'node_type', dimension: 'nodes', used: 1, limit: 1, need: 1, kept: 0, kept_for: [] },
    ]);
  });

  test('pauses, each by its kind, and by which labels a node type is rejected', () => {
    const gpu = ['jammy', 'gpu'];
    const paused = { retry_at_ms: NOW_MS + 1_000, message: 'told' };
    const one = (more: Parameters<typeof pool>[1], of = provider('a')) => {
      const pools = [pool(gpu, more), pool(['jammy', 'arm'], { provider: 'b' })];
      const providers = new Map([
        ['a', of],
        ['b', provider('b')],
      ]);
      return fleet({ pools, providers, demand: [demand(1, 'gpu && !arm')] });
    };
    const codes = [
      one({ ...paused, failures: 1, fault: 'transient' }),
      one({ ...paused, fault: 'quota' }),
      one({}, provider('a', paused)),
      one({ options: { cores: 9 } }, provider('a', { limit_cores: 3 })),
    ].map((snapshot) => planFleet(snapshot).decisions[0]?.code);
    expect(codes).toEqual(['backing_off', 'quota_exhausted', 'paused', 'impossible']);
    const message = 'its provider cannot be used: no secret';
    const unusable = one({}, provider('a', { unusable: { message, drains: false } }));
    expect(decided(unusable)).toEqual([`r-1 paused: jammy-gpu at a is paused: ${message}.`]);
    expect(planFleet(unusable).actions).toEqual([]);
    const probe = node('n-1', { node_type: 'jammy-gpu', labels: gpu, state: 'booting' });
    const both = [demand(1, 'gpu'), demand(2, 'gpu')];
    expect(decided({ ...one({ failures: 3 }), nodes: [probe], demand: both })).toEqual([
      'r-1 served_by_coming: n-1 is on its way for it.',
      'r-2 probing: jammy-gpu at a is paused: waiting to see whether its next launch succeeds.',
    ]);
    const [decision] = planFleet(one({})).decisions;
    expect(decision?.data.wants[0]?.node_types.map(({ verdict }) => verdict)).toEqual([
      { kind: 'open', failing: false, warm: 0, labels: 2 },
      { kind: 'rejected', missing: ['gpu'], unwanted: ['arm'] },
    ]);
    expect(decided(fleet({ demand: [demand(1, 'nobel')] }))).toEqual(['r-1 impossible: no node type satisfies nobel.']);
    expect(decided({ ...one({}), observing: true })).toEqual([
      expect.stringMatching(/^r-1 observing: This deployment only/),
    ]);
  });
});
