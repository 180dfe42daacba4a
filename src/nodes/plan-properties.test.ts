import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { planFleet } from './plan.ts';
import { type FleetSnapshot, type NodeSnapshot, poolKey } from './snapshot.ts';
import { canMove, NODE_STATES } from './state.ts';
import { demand, fleet, NOW_MS, node, pool, provider } from './testing/snapshots.ts';

const LABELS = ['jammy', 'noble', 'gpu'];
const limit = fc.option(fc.nat({ max: 8 }), { nil: null });

const pools = fc.uniqueArray(
  fc.record({
    provider: fc.constantFrom('a', 'b'),
    labels: fc.subarray(LABELS, { minLength: 1 }),
    limit,
    failures: fc.constantFrom(0, 0, 0, 1, 5),
  }),
  { selector: (each) => `${each.provider}/${each.labels.join('-')}`, minLength: 1, maxLength: 6 },
);

const snapshots: fc.Arbitrary<FleetSnapshot> = pools.chain((given) => {
  const made = given.map(({ labels, ...more }) => pool(labels, more));
  const nodes = fc.array(
    fc.record({
      of: fc.nat({ max: made.length - 1 }),
      state: fc.constantFrom(...NODE_STATES.filter((state) => state !== 'deleted' && state !== 'held')),
      age_s: fc.nat({ max: 1000 }),
      late: fc.boolean(),
    }),
    { maxLength: 12 },
  );
  return fc
    .record({
      nodes: nodes.map((list) => list.map((each, index) => nodeOf(each, index, made[each.of] ?? pool(['x'])))),
      pools: fc.constant(made),
      providers: fc
        .record({ a: limit, b: limit, strangers: fc.nat({ max: 3 }), cloud: limit })
        .map(({ a, b, strangers, cloud }) => {
          return new Map([
            ['a', provider('a', { limit: a })],
            ['b', provider('b', { limit: b, cloud_limit: cloud, strangers })],
          ]);
        }),
      targets: fc.dictionary(fc.constantFrom(...LABELS), fc.nat({ max: 6 })),
      demand: fc
        .array(fc.array(fc.constantFrom(...LABELS), { minLength: 1, maxLength: 3 }), { maxLength: 6 })
        .map((list) => list.map((labels, index) => demand(index + 1, ...labels))),
    })
    .map((parts) => fleet(parts));
});

function nodeOf(
  each: { state: NodeSnapshot['state']; age_s: number; late: boolean },
  index: number,
  of: { provider: string; node_type: string; labels: readonly string[] },
): NodeSnapshot {
  const since_ms = NOW_MS - each.age_s * 1000;
  return node(`n-${String(index).padStart(8, '0')}`, {
    provider: of.provider,
    node_type: of.node_type,
    labels: of.labels,
    state: each.state,
    state_since_ms: since_ms,
    ready_at_ms: since_ms,
    deadline_ms: each.late && each.state !== 'ready' ? NOW_MS - 1 : null,
  });
}

function liveAfter(snapshot: FleetSnapshot): { provider: Map<string, number>; pool: Map<string, number> } {
  const counts = { provider: new Map<string, number>(), pool: new Map<string, number>() };
  const add = (of: { provider: string; node_type: string }): void => {
    counts.provider.set(of.provider, (counts.provider.get(of.provider) ?? 0) + 1);
    counts.pool.set(poolKey(of), (counts.pool.get(poolKey(of)) ?? 0) + 1);
  };
  for (const each of snapshot.nodes) add(each);
  for (const action of planFleet(snapshot).actions) if (action.kind === 'launch') add(action.pool);
  return counts;
}

test('no plan passes a limit: what is there already may, what is launched may not', () => {
  fc.assert(
    fc.property(snapshots, (snapshot) => {
      const before = liveAfter({ ...snapshot, labels: new Map(), demand: [] });
      const after = liveAfter(snapshot);
      for (const [name, each] of snapshot.providers) {
        const cloud = (each.cloud_limits.nodes ?? Number.POSITIVE_INFINITY) - (each.strangers.nodes ?? 0);
        const most = Math.min(each.limits.nodes ?? Number.POSITIVE_INFINITY, cloud);
        const count = after.provider.get(name) ?? 0;
        expect(count <= most || count === (before.provider.get(name) ?? 0)).toBe(true);
      }
      for (const each of snapshot.pools) {
        const count = after.pool.get(poolKey(each)) ?? 0;
        const most = each.limit ?? Number.POSITIVE_INFINITY;
        expect(count <= most || count === (before.pool.get(poolKey(each)) ?? 0)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

/** The same fleet with node types of 0, 1, 2 … cores, at providers that limit them. */
const withCores = fc.tuple(snapshots, limit, limit).map(([snapshot, a, b]): FleetSnapshot => {
  const cores = new Map(snapshot.pools.map((each, index) => [poolKey(each), index === 0 ? {} : { cores: index }]));
  const sized = <T extends { provider: string; node_type: string }>(each: T): T => {
    const options = cores.get(poolKey(each)) ?? {};
    return { ...each, options, takes: { nodes: 1, ...options } };
  };
  return {
    ...snapshot,
    pools: snapshot.pools.map((each) => ({ ...sized(each), failures: 0 })),
    nodes: snapshot.nodes.map(sized),
    providers: new Map([
      ['a', provider('a', { limit_cores: a })],
      ['b', provider('b', { limit_cores: b })],
    ]),
  };
});

function coresAt(nodes: readonly { provider: string; options: Readonly<Record<string, unknown>> }[], name: string) {
  return nodes.reduce((sum, each) => sum + (each.provider === name ? Number(each.options.cores ?? 0) : 0), 0);
}

test('no plan passes a limit of cores, and carried out tick after tick it comes to rest', () => {
  fc.assert(
    fc.property(withCores, (first) => {
      let snapshot = first;
      for (let tick = 0; tick < 25; tick++) {
        const actions = planFleet(snapshot).actions;
        const launched = actions.flatMap((action) => (action.kind === 'launch' ? [action.pool] : []));
        for (const [name, { limits }] of snapshot.providers) {
          const taken = coresAt(launched, name);
          const most = limits.cores ?? Number.POSITIVE_INFINITY;
          expect(taken === 0 || taken + coresAt(snapshot.nodes, name) <= most).toBe(true);
        }
        const gone = new Set(actions.flatMap((action) => (action.kind === 'retire' ? [action.node.id] : [])));
        const nodes = snapshot.nodes.filter((each) => each.state !== 'deleting').map(step);
        const made = launched.map(({ provider: at, node_type, labels, options }, index) =>
          node(`n-${tick}-${index}`, { provider: at, node_type, labels, options, state: 'planned' }),
        );
        const left = nodes.map((each) => (gone.has(each.id) ? { ...each, state: 'deleting' as const } : each));
        snapshot = { ...snapshot, nodes: [...left, ...made] };
      }
      expect(planFleet(snapshot).actions).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('a node is taken away at most once, by a listed move, with a reason; the same picture gives the same plan', () => {
  fc.assert(
    fc.property(snapshots, (snapshot) => {
      const actions = planFleet(snapshot).actions;
      const taken = actions.flatMap((action) => (action.kind === 'retire' ? [action.node] : []));
      expect(new Set(taken.map((each) => each.id)).size).toBe(taken.length);
      for (const each of taken) expect(canMove(each.state, 'deleting')).toBe(true);
      for (const action of actions) expect(action.reason.length).toBeGreaterThan(10);
      const inUse = taken.filter((each) => ['assigned', 'running'].includes(each.state));
      expect(inUse.every((each) => each.deadline_ms !== null)).toBe(true);
      expect(planFleet(snapshot).actions).toEqual(actions);
    }),
    { numRuns: 500 },
  );
});

test('a snapshot is data: a copy of it gives the same plan', () => {
  fc.assert(
    fc.property(snapshots, (snapshot) => {
      const demand = JSON.parse(JSON.stringify(snapshot.demand));
      expect(planFleet({ ...structuredClone(snapshot), demand }).actions).toEqual(planFleet(snapshot).actions);
    }),
    { numRuns: 100 },
  );
});

test('evictions never outnumber the nodes that requests want', () => {
  fc.assert(
    fc.property(snapshots, (snapshot) => {
      const evicted = planFleet(snapshot).actions.filter(
        (action) => action.kind === 'retire' && action.cause === 'evicted',
      );
      const wanted = snapshot.demand.reduce((sum, each) => sum + each.wants.length, 0);
      expect(evicted.length).toBeLessThanOrEqual(wanted);
    }),
    { numRuns: 300 },
  );
});

test('carried out tick after tick on a cloud without faults, the fleet comes to rest and its labels are warm', () => {
  fc.assert(
    fc.property(snapshots, (first) => {
      const sound = first.pools.map((each) => ({ ...each, failures: 0, limit: null }));
      const providers = new Map([...first.providers.keys()].map((name) => [name, provider(name)]));
      let snapshot: FleetSnapshot = { ...first, pools: sound, providers };
      let made = 0;
      for (let tick = 0; tick < 12; tick++) {
        const actions = planFleet(snapshot).actions;
        const gone = new Set(actions.flatMap((action) => (action.kind === 'retire' ? [action.node.id] : [])));
        const nodes = snapshot.nodes.filter((each) => !gone.has(each.id) && each.state !== 'deleting').map(step);
        for (const action of actions) {
          if (action.kind !== 'launch') continue;
          made += 1;
          const { provider: at, node_type, labels } = action.pool;
          const id = `n-new${made}` as NodeId;
          nodes.push(node(id, { provider: at, node_type, labels, state: 'planned', state_since_ms: NOW_MS }));
        }
        snapshot = { ...snapshot, nodes };
      }
      expect(planFleet(snapshot).actions).toEqual([]);
      for (const [label, target] of snapshot.labels) {
        if (!sound.some((each) => each.labels.includes(label))) continue;
        const idle = snapshot.nodes.filter((each) => each.state === 'ready' && each.labels.includes(label));
        expect(idle.length).toBeGreaterThanOrEqual(target.ready);
      }
    }),
    { numRuns: 200 },
  );
});

/** One step on a cloud where everything works; runs go on for ever. */
function step(each: NodeSnapshot): NodeSnapshot {
  const next = { planned: 'launching', launching: 'booting', booting: 'checking', checking: 'ready' } as const;
  const state = next[each.state as keyof typeof next] ?? each.state;
  return { ...each, state, deadline_ms: null, state_since_ms: NOW_MS, ready_at_ms: NOW_MS };
}
