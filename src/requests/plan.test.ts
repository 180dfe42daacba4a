import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NodeId, RequestId } from '../base/ids.ts';
import { matcherOf } from '../labels/matchers.ts';
import { planAllocation } from './plan.ts';

const LABELS = ['jammy', 'noble', 'gpu', 'arm'];
const EXPRESSIONS = ['jammy', 'noble', 'gpu', 'jammy && gpu', 'jammy || noble', '!arm', 'arm && !gpu'];

const nodesOf = (labels: string[][]) => labels.map((each, index) => ({ id: `n-${index}` as NodeId, labels: each }));
const requestsOf = (wants: string[][]) =>
  wants.map((expressions, index) => ({ id: (index + 1) as RequestId, expressions }));
const named = (allocations: ReturnType<typeof planAllocation>) =>
  allocations.map(({ request, nodes }) => [request.id, ...nodes.map((node) => node.id)]);

const idle = fc.array(fc.subarray(LABELS), { maxLength: 12 }).map(nodesOf);
const singles = fc
  .array(
    fc.constantFrom(...EXPRESSIONS).map((text) => [text]),
    { maxLength: 12 },
  )
  .map(requestsOf);
const several = fc
  .array(fc.array(fc.constantFrom(...EXPRESSIONS), { minLength: 1, maxLength: 4 }), { maxLength: 8 })
  .map(requestsOf);

test('the node with the fewest labels serves, then the one that is ready longest', () => {
  const nodes = nodesOf([['jammy', 'gpu'], ['jammy'], ['jammy']]);
  expect(named(planAllocation(requestsOf([['jammy'], ['jammy'], ['jammy']]), nodes))).toEqual([
    [1, 'n-1'],
    [2, 'n-2'],
    [3, 'n-0'],
  ]);
});

test('the obvious choice for one want does not take the only node of another', () => {
  const nodes = nodesOf([
    ['gpu', 'jammy'],
    ['jammy', 'x', 'y'],
  ]);
  expect(named(planAllocation(requestsOf([['jammy', 'gpu']]), nodes))).toEqual([[1, 'n-1', 'n-0']]);
});

test('a request for several keeps what it could have from those behind it', () => {
  const nodes = nodesOf([['jammy']]);
  expect(planAllocation(requestsOf([['jammy', 'jammy'], ['jammy']]), nodes)).toEqual([]);
});

test('no node has two holders, every node does what is wanted of it, all or nothing', () => {
  fc.assert(
    fc.property(several, idle, (requests, nodes) => {
      const allocations = planAllocation(requests, nodes);
      const given = allocations.flatMap((each) => each.nodes);
      expect(new Set(given.map((node) => node.id)).size).toBe(given.length);
      for (const { request, nodes: got } of allocations) {
        expect(got.length).toBe(request.expressions.length);
        got.forEach((node, index) => {
          expect(matcherOf(request.expressions[index] as string)(new Set(node.labels))).toBe(true);
        });
      }
    }),
    { numRuns: 1_000 },
  );
});

test('a single request waits only when no idle node that it may have is left', () => {
  fc.assert(
    fc.property(singles, idle, (requests, nodes) => {
      const allocations = planAllocation(requests, nodes);
      const taken = new Set(allocations.flatMap((each) => each.nodes.map((node) => node.id)));
      const served = new Set(allocations.map((each) => each.request.id));
      for (const request of requests) {
        if (served.has(request.id)) continue;
        const matches = matcherOf(request.expressions[0] as string);
        expect(nodes.some((node) => !taken.has(node.id) && matches(new Set(node.labels)))).toBe(false);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('the first request in order is served whenever any choice of nodes serves it', () => {
  fc.assert(
    fc.property(several, idle, (requests, nodes) => {
      const [first] = requests;
      fc.pre(first !== undefined);
      const possible = canServe(first?.expressions ?? [], nodes);
      const served = planAllocation(requests, nodes).some((each) => each.request.id === first?.id);
      expect(served).toBe(possible);
    }),
    { numRuns: 1_000 },
  );
});

/** By trying every choice. */
function canServe(expressions: readonly string[], nodes: ReturnType<typeof nodesOf>): boolean {
  const [expression, ...rest] = expressions;
  if (expression === undefined) return true;
  const matches = matcherOf(expression);
  return nodes.some(
    (node) =>
      matches(new Set(node.labels)) &&
      canServe(
        rest,
        nodes.filter((other) => other.id !== node.id),
      ),
  );
}
