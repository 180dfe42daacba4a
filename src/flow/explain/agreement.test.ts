import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RequestId } from '../../base/ids.ts';
import { satisfies } from '../../labels/want.ts';
import { planFleet } from '../../nodes/plan.ts';
import type { Demand, FleetSnapshot, NodeSnapshot } from '../../nodes/snapshot.ts';
import { COMING_STATES } from '../../nodes/state.ts';
import { demand, fleet, NOW_MS, node, pool } from '../../nodes/testing/snapshots.ts';
import { planAllocation } from '../../requests/plan.ts';
import { estimateStart } from './estimate.ts';

/** What is left of every launch: the estimate can only name it when it means a node that is on its way. */
const LAUNCH_MS = 60_000;
const LABELS = ['a', 'b', 'c'];
const EXPRESSIONS = ['a', 'b', 'c', 'a && b', 'a || c', '!c', 'b && !a', 'a && c || b'];

const sets = fc.uniqueArray(fc.subarray(LABELS, { minLength: 1 }), { minLength: 1, maxLength: 4, selector: String });

/** Without limits, so that everything that matching leaves unserved is launched where a node type can. */
const fleets: fc.Arbitrary<FleetSnapshot> = sets.chain((labels) => {
  const pools = labels.map((each) => pool(each, { launch_ms: LAUNCH_MS }));
  const nodes = fc
    .array(
      fc.record({
        of: fc.nat({ max: labels.length - 1 }),
        ready: fc.boolean(),
        age_s: fc.integer({ min: 1, max: 59 }),
      }),
      {
        maxLength: 7,
      },
    )
    .map((list) => {
      return list.map(({ of, ready, age_s }, index) => {
        const times = { created_at_ms: NOW_MS - age_s * 1_000, ready_at_ms: NOW_MS - age_s * 1_000 };
        const { node_type, labels: carried } = pools[of] ?? pool(['a']);
        return node(`n-${index}`, { node_type, labels: carried, state: ready ? 'ready' : 'booting', ...times });
      });
    });
  const waiting = fc
    .array(fc.array(fc.constantFrom(...EXPRESSIONS), { minLength: 1, maxLength: 3 }), { maxLength: 5 })
    .map((list) => list.map((wants, index) => demand(index + 1, ...wants)));
  return fc.record({ nodes, waiting }).map((each) => fleet({ pools, nodes: each.nodes, demand: each.waiting }));
});

const oldestFirst = (nodes: readonly NodeSnapshot[]): NodeSnapshot[] =>
  nodes.toSorted((left, right) => (left.ready_at_ms ?? 0) - (right.ready_at_ms ?? 0) || (left.id < right.id ? -1 : 1));

/** What the allocator hands out: `1: n-0 n-2`. */
function allocated(demands: readonly Demand[], nodes: readonly NodeSnapshot[]): Map<RequestId, string[]> {
  const requests = demands.map(({ request_id, wants }) => {
    return { id: request_id, expressions: wants.map(({ expression }) => expression) };
  });
  const given = planAllocation(requests, oldestFirst(nodes));
  return new Map(given.map(({ request, nodes: of }) => [request.id, of.map(({ id }) => id)]));
}

test('what the planner calls served by ready nodes is what the allocator hands out, node by node', () => {
  fc.assert(
    fc.property(fleets, (snapshot) => {
      const ready = snapshot.nodes.filter(({ state }) => state === 'ready');
      const handed = allocated(snapshot.demand, ready);
      for (const { request_id, code, data } of planFleet(snapshot).decisions) {
        expect(handed.has(request_id)).toBe(code === 'served_by_ready');
        const ids = data.wants.map(({ served }) => (served?.kind === 'ready' ? served.node_id : ''));
        if (code === 'served_by_ready') expect(ids).toEqual(handed.get(request_id));
      }
    }),
    { numRuns: 500 },
  );
});

test('what it calls served by coming nodes the allocator hands out when they are ready, and nothing beyond', () => {
  fc.assert(
    fc.property(fleets, (snapshot) => {
      const { decisions } = planFleet(snapshot);
      const now = allocated(
        snapshot.demand,
        snapshot.nodes.filter(({ state }) => state === 'ready'),
      );
      const gone = new Set([...now.values()].flat());
      const left = snapshot.demand.filter(({ request_id }) => !now.has(request_id));
      const later = allocated(
        left,
        snapshot.nodes.filter(({ id }) => !gone.has(id)),
      );
      const promised = decisions.filter(({ code }) => code === 'served_by_coming').map(({ request_id }) => request_id);
      expect([...later.keys()]).toEqual(promised);
    }),
    { numRuns: 500 },
  );
});

test('it launches exactly for the wants that no node serves, as few as any choice of nodes could leave', () => {
  fc.assert(
    fc.property(fleets, (snapshot) => {
      const { actions, decisions } = planFleet(snapshot);
      const launches = actions.filter(({ kind }) => kind === 'launch').length;
      const wanted = decisions.filter(({ code }) => code === 'launching').flatMap(({ data }) => data.wants);
      const without = wanted.filter(({ served }) => served?.kind === 'launch');
      expect(launches).toBe(without.length);
      // Whatever is ready and can be handed out now is, whoever could use it later: the best choice comes after that.
      const now = decisions.filter(({ code }) => code === 'served_by_ready');
      const gone = new Set(now.flatMap(({ data }) => data.wants.map(({ served }) => nodeOf(served))));
      const usable = snapshot.nodes.filter(
        ({ id, state }) => !gone.has(id) && (state === 'ready' || COMING_STATES.includes(state)),
      );
      const done = new Set(now.map(({ request_id }) => request_id));
      const open = snapshot.demand.filter(({ request_id }) => !done.has(request_id)).flatMap(({ wants }) => wants);
      const served = decisions
        .filter(({ request_id }) => !done.has(request_id))
        .flatMap(({ data }) => data.wants.filter((want) => nodeOf(want.served) !== ''));
      expect(served.length).toBe(mostServed(open, usable));
    }),
    { numRuns: 500 },
  );
});

test('the estimate means the same nodes: at once from ready ones, else when the last of those on their way is ready', () => {
  fc.assert(
    fc.property(fleets, (snapshot) => {
      const { decisions } = planFleet(snapshot);
      const lengths = { left_ms: new Map(), of_request_ms: new Map() };
      decisions.forEach(({ code, data }, index) => {
        const { expected_ms } = estimateStart(snapshot, decisions.slice(0, index + 1), lengths);
        if (code === 'served_by_ready') expect(expected_ms).toBe(0);
        if (code === 'launching') expect(expected_ms).toBe(LAUNCH_MS);
        if (code !== 'served_by_coming') return;
        const left = data.wants.map(({ served }) => {
          const of = snapshot.nodes.find(({ id }) => id === nodeOf(served));
          return of?.state === 'ready' ? 0 : LAUNCH_MS - (NOW_MS - (of?.created_at_ms ?? 0));
        });
        expect(expected_ms).toBe(Math.max(...left));
      });
    }),
    { numRuns: 300 },
  );
});

function nodeOf(served: { kind: string; node_id?: string } | null): string {
  return served?.node_id ?? '';
}

/** By trying every choice: how many of the wants can have a node each. */
function mostServed(wants: readonly Demand['wants'][number][], nodes: readonly NodeSnapshot[]): number {
  const [want, ...others] = wants;
  if (want === undefined || nodes.length === 0) return 0;
  const most = wants.length < nodes.length ? wants.length : nodes.length;
  let best = 0;
  for (const each of nodes) {
    if (!satisfies(want, new Set(each.labels))) continue;
    best = Math.max(
      best,
      1 +
        mostServed(
          others,
          nodes.filter((other) => other !== each),
        ),
    );
    if (best === most) return best;
  }
  return Math.max(best, mostServed(others, nodes));
}
