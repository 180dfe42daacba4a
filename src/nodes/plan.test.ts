import { describe, expect, test } from 'vitest';
import type { HoldId, NodeId } from '../base/ids.ts';
import type { FleetAction } from './plan/actions.ts';
import { SURPLUS_IDLE_MS } from './plan/warm.ts';
import { planFleet } from './plan.ts';
import { demand, fleet, NOW_MS, node, pool, provider } from './testing/snapshots.ts';

/** One line an action, as a person would read it. */
function story(actions: readonly FleetAction[]): string[] {
  return actions.map((action) =>
    action.kind === 'launch'
      ? `launch ${action.pool.provider}/${action.pool.node_type}: ${action.reason}`
      : `${action.kind} ${action.node.id}: ${action.reason}`,
  );
}

describe('warm labels', () => {
  test('are filled where the fewest nodes are, with the reason', () => {
    const pools = [pool(['jammy']), pool(['jammy'], { provider: 'b' })];
    const nodes = [node('n-1'), node('n-2', { state: 'booting' })];
    expect(story(planFleet(fleet({ targets: { jammy: 4 }, pools, nodes })).actions)).toEqual([
      'launch b/jammy: jammy below its target (2 of 4); b has no other ready or coming',
      'launch b/jammy: jammy below its target (3 of 4); b has 1 other ready or coming',
    ]);
  });

  test('stay within the limits of provider, node type and cloud, less what strangers and leaks use', () => {
    const pools = [
      pool(['jammy'], { limit: 1 }),
      pool(['jammy'], { provider: 'b' }),
      pool(['jammy'], { provider: 'c' }),
    ];
    const providers = new Map([
      ['a', provider('a')],
      ['b', provider('b', { limit: 4, leaked: 2 })],
      ['c', provider('c', { cloud_limit: 10, strangers: 9 })],
    ]);
    const actions = planFleet(fleet({ targets: { jammy: 50 }, pools, providers })).actions;
    const at = actions.map((action) => (action.kind === 'launch' ? action.pool.provider : ''));
    expect(at.sort()).toEqual(['a', 'b', 'b', 'c']);
  });

  test('do not wait for a paused node type, and probe a failing one with a single launch', () => {
    const paused = pool(['jammy'], { retry_at_ms: NOW_MS + 1 });
    expect(planFleet(fleet({ targets: { jammy: 5 }, pools: [paused] })).actions).toEqual([]);
    const failing = pool(['jammy'], { failures: 4, retry_at_ms: NOW_MS - 1 });
    expect(planFleet(fleet({ targets: { jammy: 5 }, pools: [failing] })).actions.length).toBe(1);
    const nodes = [node('n-1', { state: 'launching' })];
    expect(planFleet(fleet({ targets: { jammy: 5 }, pools: [failing], nodes })).actions).toEqual([]);
    const sound = pool(['jammy'], { provider: 'b' });
    const both = planFleet(fleet({ targets: { jammy: 3 }, pools: [failing, sound] })).actions;
    expect(both.map((action) => action.kind === 'launch' && action.pool.provider)).toEqual(['b', 'b', 'b']);
  });

  test('replace the oldest when they are too old, a quarter at a time', () => {
    const labels = new Map([['jammy', { ready: 8, max_ready_age_ms: 3_600_000 }]]);
    const nodes = Array.from({ length: 8 }, (_, index) =>
      node(`n-${index}`, { ready_at_ms: NOW_MS - 3_600_000 - 8_000 + index * 1_000 }),
    );
    const actions = planFleet(fleet({ labels, nodes })).actions;
    expect(story(actions.filter((action) => action.kind === 'retire'))).toEqual([
      'retire n-0: ready for 1 h, longer than the max_ready_age of jammy (1 h)',
      'retire n-1: ready for 1 h, longer than the max_ready_age of jammy (1 h)',
    ]);
  });

  test('nodes that nobody needs are kept a while, then go', () => {
    const old = { state_since_ms: NOW_MS - SURPLUS_IDLE_MS };
    const nodes = [node('n-1', old), node('n-2', { ...old, ready_at_ms: NOW_MS - 9_000 }), node('n-3')];
    expect(story(planFleet(fleet({ targets: { jammy: 2 }, nodes })).actions)).toEqual([
      'retire n-2: idle for 5 min, and no label needs it to be warm',
    ]);
  });
});

describe('waiting requests', () => {
  test('are launched for when no ready or coming node will serve them, and warm nodes are refilled', () => {
    const pools = [pool(['jammy']), pool(['noble'])];
    const nodes = [node('n-1')];
    const snapshot = fleet({ targets: { jammy: 1 }, pools, nodes, demand: [demand(7, 'jammy'), demand(8, 'noble')] });
    expect(story(planFleet(snapshot).actions)).toEqual([
      'launch a/noble: r-8 waits for noble; a has no other ready or coming',
      'launch a/jammy: jammy below its target (0 of 1); a has 1 other ready or coming',
    ]);
  });

  test('evict exactly one idle node of another label at the limit, also in the ticks that follow', () => {
    const pools = [pool(['jammy']), pool(['noble'])];
    const providers = new Map([['a', provider('a', { limit: 3 })]]);
    const nodes = [node('n-1'), node('n-2', { ready_at_ms: NOW_MS - 9_000 }), node('n-3')];
    const common = { targets: { jammy: 3 }, pools, providers, demand: [demand(7, 'noble')] };
    expect(story(planFleet(fleet({ ...common, nodes })).actions)).toEqual([
      'retire n-2: r-7 waits for noble and a is at its limit; this node was idle',
    ]);
    const leaving = nodes.map((each) => (each.id === 'n-2' ? { ...each, state: 'deleting' as const } : each));
    expect(planFleet(fleet({ ...common, nodes: leaving })).actions).toEqual([]);
    const gone = nodes.filter((each) => each.id !== 'n-2');
    expect(story(planFleet(fleet({ ...common, nodes: gone })).actions)).toEqual([
      'launch a/noble: r-7 waits for noble; a has no other ready or coming',
    ]);
  });

  test('for several nodes launch all or none, and keep what fits from later ones', () => {
    const providers = new Map([['a', provider('a', { limit: 3 })]]);
    const busy = node('n-1', { state: 'running' });
    const nodes = [busy, { ...busy, id: 'n-2' as NodeId }];
    const both = [demand(1, 'jammy', 'jammy'), demand(2, 'jammy')];
    expect(planFleet(fleet({ providers, nodes, demand: both })).actions).toEqual([]);
    expect(planFleet(fleet({ providers, nodes: [busy], demand: both })).actions.length).toBe(2);
  });
});

describe('limits of cores and memory', () => {
  const GiB = 2 ** 30;
  const small = { cores: 2, memory_bytes: GiB };
  const pools = [pool(['jammy'], { options: small }), pool(['noble'], { options: { cores: 4 } }), pool(['free'])];

  test('bound launches by what the node types say; one that says nothing counts as nothing', () => {
    const launched = (more: Parameters<typeof provider>[1]): string[] => {
      const targets = { jammy: 9, free: 2 };
      const actions = planFleet(fleet({ targets, pools, providers: new Map([['a', provider('a', more)]]) })).actions;
      return actions.map((action) => (action.kind === 'launch' ? action.pool.node_type : action.kind));
    };
    expect(launched({ limit_cores: 7 })).toEqual(['jammy', 'jammy', 'jammy', 'free', 'free']);
    expect(launched({ limit_memory_bytes: 2 * GiB })).toEqual(['jammy', 'jammy', 'free', 'free']);
    expect(launched({ limit_cores: 1 })).toEqual(['free', 'free']);
  });

  test('evict as many idle nodes as free enough cores, wait while they go, and give the room to nobody else', () => {
    const providers = new Map([['a', provider('a', { limit_cores: 5 })]]);
    const nodes = [
      node('n-1', { options: small }),
      node('n-2', { options: small }),
      node('n-3', { node_type: 'free', labels: ['free'] }),
    ];
    const common = { targets: { jammy: 2 }, pools, providers, demand: [demand(7, 'noble')] };
    const told = 'r-7 waits for noble and a is at its limit; this node was idle';
    const tick = (left: typeof nodes): string[] => story(planFleet(fleet({ ...common, nodes: left })).actions);
    expect(tick(nodes)).toEqual([`retire n-1: ${told}`, `retire n-2: ${told}`]);
    const leaving = nodes.map((each) => (each.id === 'n-3' ? each : { ...each, state: 'deleting' as const }));
    expect(tick(leaving)).toEqual([]);
    expect(tick(leaving.slice(1))).toEqual([]);
    expect(tick(leaving.slice(2))).toEqual(['launch a/noble: r-7 waits for noble; a has no other ready or coming']);
  });

  test('evict nobody when all that is idle would not do', () => {
    const providers = new Map([['a', provider('a', { limit_cores: 5 })]]);
    const nodes = [node('n-1', { options: small }), node('n-2', { options: small, state: 'running' })];
    expect(
      planFleet(fleet({ targets: { jammy: 1 }, pools, providers, nodes, demand: [demand(7, 'noble')] })).actions,
    ).toEqual([]);
    const never = new Map([['a', provider('a', { limit_cores: 3 })]]);
    const idle = [node('n-1', { options: small })];
    const snapshot = fleet({
      targets: { jammy: 1 },
      pools,
      providers: never,
      nodes: idle,
      demand: [demand(7, 'noble')],
    });
    expect(planFleet(snapshot).actions).toEqual([]);
  });
});

describe('overdue', () => {
  const late = { deadline_ms: NOW_MS - 1, state_since_ms: NOW_MS - 120_000 };
  test('every waiting state ends with its reason, and failures of launches are counted', () => {
    const states = ['planned', 'launching', 'booting', 'checking', 'assigned', 'running', 'deleting'] as const;
    const nodes = states.map((state) => node(`n-${state}`, { ...late, state }));
    const actions = planFleet(fleet({ nodes })).actions;
    expect(story(actions)).toEqual([
      'retire n-planned: a did not begin to launch it within 2 min',
      'retire n-launching: a did not finish launching it within 2 min',
      'retire n-booting: its agent did not report within 2 min of its launch',
      'retire n-checking: its pre-flight did not end within 2 min',
      'retire n-assigned: nothing started on it within 2 min of its assignment',
      'retire n-running: its run did not end within 2 min',
      'remind n-deleting: still not deleted after 2 min; trying on',
    ]);
    const failed = actions.filter((action) => action.kind === 'retire' && action.failure !== null);
    expect(failed.map((action) => action.kind === 'retire' && action.node.state)).toEqual([
      'launching',
      'booting',
      'checking',
    ]);
  });

  test('a machine that stopped, where its agent is still waited for', () => {
    const states = ['launching', 'booting', 'checking', 'ready', 'assigned', 'running', 'deleting'] as const;
    const since = (state: (typeof states)[number], ms: number) =>
      node(`n-${state}-${ms}`, { state, machine_stopped_since_ms: NOW_MS - ms });
    const nodes = states.flatMap((state) => [since(state, 14_999), since(state, 15_000)]);
    nodes.push(node('n-unheard', { state: 'booting', agent_seen_alive_ms: null, machine_stopped_since_ms: 0 }));
    nodes.push(node('n-speaks', { agent_seen_alive_ms: 5_001, machine_stopped_since_ms: NOW_MS - 20_000 }));
    const snapshot = fleet({ nodes, alive_ms: 20_000, targets: { jammy: 9 } });
    const actions = planFleet(snapshot).actions.filter(({ kind }) => kind !== 'launch');
    expect(story(actions)).toEqual([
      'retire n-booting-15000: a has called its machine stopped for 15.0 s',
      'retire n-checking-15000: a has called its machine stopped for 15.0 s',
      'retire n-ready-15000: a has called its machine stopped for 15.0 s',
      'retire n-assigned-15000: a has called its machine stopped for 15.0 s',
      'retire n-running-15000: a has called its machine stopped for 15.0 s',
      expect.stringMatching(/^retire n-unheard: a has called its machine stopped for /),
    ]);
    expect(actions.map((action) => action.kind === 'retire' && action.failure)).toEqual([
      ...['transient', 'transient'],
      ...[null, null, null],
      'transient',
    ]);
  });

  test('no machine that was called stopped once, however long ago, and not looked at since', () => {
    const nodes = [node('n-1', { machine_stopped_since_ms: NOW_MS - 3_600_000 })];
    for (const listed_at_ms of [NOW_MS - 3_600_000, NOW_MS - 3_585_001, null]) {
      const providers = new Map([['a', provider('a', { listed_at_ms })]]);
      expect(planFleet(fleet({ nodes, providers, alive_ms: 20_000, targets: { jammy: 1 } })).actions).toEqual([]);
    }
  });

  test('an agent that says nothing, and a hold that is over', () => {
    const nodes = [
      node('n-1', { agent_seen_alive_ms: 39_000 }),
      node('n-2', { agent_seen_alive_ms: 40_000 }),
      node('n-3', { state: 'held' }),
      node('n-4', { state: 'held' }),
    ];
    const hold = { owner: 'maria', reason: 'run 7 failed', created_at_ms: NOW_MS - 28_800_000 };
    const holds = [
      { ...hold, id: 1 as HoldId, node_id: 'n-3' as NodeId, expires_at_ms: NOW_MS },
      { ...hold, id: 2 as HoldId, node_id: 'n-4' as NodeId, expires_at_ms: NOW_MS + 1 },
    ];
    expect(story(planFleet(fleet({ alive_ms: 100_000, nodes, holds, targets: { jammy: 1 } })).actions)).toEqual([
      'retire n-1: its agent has not been heard of for 1 min 1 s',
      'retire n-3: its hold ended (8 h, owner maria, run 7 failed)',
    ]);
  });
});

test('where a provider cannot be used, what nobody begins is given up, and all idle nodes of another driver', () => {
  const nodes = [
    node('n-1'),
    node('n-2', { state: 'planned', state_since_ms: NOW_MS - 1_000 }),
    node('n-3', { state: 'planned', state_since_ms: NOW_MS - 60_000 }),
    node('n-4', { state: 'running' }),
  ];
  const retired = (drains: boolean): string[] => {
    const providers = new Map([['a', provider('a', { unusable: { message: 'why', drains } })]]);
    const { actions } = planFleet(fleet({ nodes, providers, targets: { jammy: 5 } }));
    return actions.map((action) => (action.kind === 'launch' ? 'launch' : action.node.id));
  };
  expect(retired(false)).toEqual(['n-3']);
  expect(retired(true)).toEqual(['n-1', 'n-2', 'n-3']);
});

test('what is no longer configured is drained, what is in use ends first', () => {
  const nodes = [
    node('n-1', { provider: 'old' }),
    node('n-2', { node_type: 'gone' }),
    node('n-3', { labels: ['jammy', 'x'] }),
    node('n-4', { options: { image: 'before' } }),
    node('n-5', { provider: 'old', state: 'running' }),
    node('n-6', { state: 'booting', provider: 'old' }),
  ];
  expect(story(planFleet(fleet({ nodes })).actions)).toEqual([
    'retire n-1: the provider old is no longer configured',
    'retire n-2: the node type gone of a is no longer configured',
    'retire n-3: the labels of jammy changed',
    'retire n-4: the options of jammy changed',
    'retire n-6: the provider old is no longer configured',
  ]);
});

test.each([
  ['the limit of a is 0 nodes', { limit: 0 }, null],
  ['the limit of a is 0 cores', { limit_cores: 0 }, null],
  ['the limit of a is no memory', { limit_memory_bytes: 0 }, null],
  ['the limit of jammy at a is 0 nodes', {}, 0],
])('%s: what is there goes, what is in use ends first, nothing is made', (reason, limits, limit) => {
  const options = { cores: 2, memory_bytes: 2 ** 30 };
  const nodes = [
    node('n-1', { options }),
    node('n-2', { options, state: 'booting' }),
    node('n-3', { options, state: 'running' }),
  ];
  const providers = new Map([['a', provider('a', limits)]]);
  const pools = [pool(['jammy'], { options, limit })];
  const plan = planFleet(
    fleet({ nodes, providers, pools, targets: { jammy: 3 }, demand: [demand(1, 'jammy')] }),
  ).actions;
  expect(story(plan)).toEqual([`retire n-1: ${reason}`, `retire n-2: ${reason}`]);
});

test('a deployment that observes plans nothing', () => {
  expect(planFleet(fleet({ observing: true, targets: { jammy: 5 } })).actions).toEqual([]);
});
