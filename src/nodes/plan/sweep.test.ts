import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NodeId } from '../../base/ids.ts';
import type { Resource } from '../../providers/contract.ts';
import { planSweep, type SweepSnapshot } from './sweep.ts';

const NOW_MS = 1_000_000_000_000;
const id = (number: number): NodeId => `n-${String(number).padStart(8, '0')}` as NodeId;

function machine(external_id: string, node_id: NodeId | null, deployment_id: string | null = 'ours'): Resource {
  return { kind: 'machine', external_id, deployment_id, node_id, state: 'running', takes: { nodes: 1 } };
}

function look(more: Partial<SweepSnapshot>): SweepSnapshot {
  const empty = { resources: [], rows: [], known: [] };
  return { now_ms: NOW_MS, deployment_id: 'ours', observing: false, provider: 'a', ...empty, ...more };
}

test('a machine without a row, and a twin of a row, are leaks; a launch without its answer yet is none', () => {
  const plan = planSweep(
    look({
      resources: [machine('m-1', id(1)), machine('m-2', id(2)), machine('m-3', id(2)), machine('m-4', id(3))],
      rows: [
        { id: id(2), external_id: 'm-2', stopped: false },
        { id: id(3), external_id: null, stopped: false },
      ],
    }),
  );
  expect(plan.leaks.map(({ resource, reason }) => [resource.external_id, reason])).toEqual([
    ['m-1', 'no node n-00000001 is alive'],
    ['m-3', 'the machine of node n-00000002 is another (m-2)'],
  ]);
  expect(plan.destroy).toEqual([]);
});

test('it is destroyed when it was seen a minute before, and forgotten when it is explained', () => {
  const known = [
    { kind: 'machine', external_id: 'm-1', first_seen_at_ms: NOW_MS - 60_000, agreed: false },
    { kind: 'machine', external_id: 'm-2', first_seen_at_ms: NOW_MS - 59_999, agreed: false },
    { kind: 'machine', external_id: 'm-9', first_seen_at_ms: NOW_MS - 90_000, agreed: false },
  ];
  const resources = [machine('m-1', id(1)), machine('m-2', id(2))];
  const plan = planSweep(look({ resources, known }));
  expect(plan.destroy.map(({ resource }) => resource.external_id)).toEqual(['m-1']);
  expect(plan.forget).toEqual([{ kind: 'machine', external_id: 'm-9' }]);
  expect(planSweep(look({ resources, known, observing: true })).destroy).toEqual([]);
});

test('a machine that stopped is told once, and once when it runs again; a twin or a launch under way never', () => {
  const stopped = (external_id: string, node_id: NodeId): Resource => {
    return { ...machine(external_id, node_id), state: 'stopped' };
  };
  const plan = planSweep(
    look({
      resources: [
        ...[stopped('m-1', id(1)), stopped('m-2', id(2)), machine('m-3', id(3))],
        ...[stopped('m-4', id(4)), stopped('m-5', id(5)), { ...stopped('v-6', id(6)), kind: 'volume' as const }],
      ],
      rows: [
        { id: id(1), external_id: 'm-1', stopped: false },
        { id: id(2), external_id: 'm-2', stopped: true },
        { id: id(3), external_id: 'm-3', stopped: true },
        { id: id(4), external_id: null, stopped: false },
        { id: id(5), external_id: 'another', stopped: false },
        { id: id(6), external_id: 'v-6', stopped: false },
        { id: id(7), external_id: 'gone', stopped: true },
      ],
    }),
  );
  expect(plan).toMatchObject({ stopped: [id(1)], resumed: [id(3), id(7)] });
});

test('what an operator agreed to is destroyed although the fuse holds, and nothing beside it', () => {
  const resources = [1, 2, 3, 4, 5, 6].map((number) => machine(`m-${number}`, id(number)));
  const known = resources.map(({ external_id }, index) => {
    return { kind: 'machine', external_id, first_seen_at_ms: index === 1 ? NOW_MS - 1 : 0, agreed: index < 2 };
  });
  const plan = planSweep(look({ resources, known }));
  expect(plan.alarm).toMatch(/^4 of 6 machines at a .*: groundcrew fleet sweep a$/);
  expect(plan.destroy.map(({ resource }) => resource.external_id)).toEqual(['m-1']);
  expect(planSweep(look({ resources, known, observing: true })).destroy).toEqual([]);
  const most = known.map((leak, index) => ({ ...leak, agreed: index < 3 }));
  expect(planSweep(look({ resources, known: most })).alarm).toBeNull();
});

test('whatever a provider lists: strangers and machines of rows are never destroyed, and the fuse holds', () => {
  const resources = fc.array(
    fc.record({ node: fc.nat({ max: 9 }), deployment: fc.constantFrom('ours', 'theirs', null), twin: fc.boolean() }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(resources, fc.subarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), (listed, live) => {
      const all = listed.map((each, index) =>
        machine(each.twin ? `twin-${index}` : `m-${each.node}`, id(each.node), each.deployment),
      );
      const rows = live.map((number) => ({ id: id(number), external_id: `m-${number}`, stopped: false }));
      const known = all.map(({ kind, external_id }) => ({ kind, external_id, first_seen_at_ms: 0, agreed: false }));
      const plan = planSweep(look({ resources: all, rows, known }));
      const ours = all.filter((resource) => resource.deployment_id === 'ours');
      for (const { resource } of plan.destroy) {
        expect(resource.deployment_id).toBe('ours');
        expect(rows.some((row) => row.external_id === resource.external_id)).toBe(false);
      }
      expect(plan.destroy.length).toBeLessThanOrEqual(Math.max(3, ours.length / 10));
    }),
  );
});
