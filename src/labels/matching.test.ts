import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Matching, matchNow, matchWants } from './matching.ts';
import { satisfies, type Want, wantOf } from './want.ts';

interface Machine {
  id: string;
  labels: readonly string[];
}
interface Ask {
  wants: readonly Want[];
}

const machines = (prefix: string, labels: readonly (readonly string[])[]): Machine[] =>
  labels.map((each, index) => ({ id: `${prefix}${index}`, labels: each }));
const asks = (texts: readonly (readonly string[])[]): Ask[] => texts.map((each) => ({ wants: each.map(wantOf) }));

/** `['0: r0 r1', 'waits: r2 -']`: a line a demand. */
const told = ({ matches }: Matching<Ask, Machine>): string[] =>
  matches.map(({ tier, nodes }) => `${tier ?? 'waits'}: ${nodes.map((node) => node?.id ?? '-').join(' ')}`);
const match = (texts: string[][], ...tiers: string[][][]): string[] =>
  told(
    matchWants(
      asks(texts),
      tiers.map((labels, tier) => machines(['r', 'c'][tier] as string, labels)),
    ),
  );

describe('who gets which node', () => {
  test('the one with the fewest labels, then the oldest', () => {
    expect(match([['a'], ['a'], ['a']], [['a', 'b'], ['a'], ['a']])).toEqual(['0: r1', '0: r2', '0: r0']);
  });

  test('one demand moves to another node so that a later one is served as well', () => {
    expect(match([['a'], ['a && b || c']], [['a'], ['c']])).toEqual(['0: r0', '0: r1']);
    expect(match([['a || b'], ['a']], [['a'], ['b']])).toEqual(['0: r1', '0: r0']);
    expect(match([['a || b'], ['b || c'], ['a']], [['a'], ['b'], ['c']])).toEqual(['0: r1', '0: r2', '0: r0']);
  });

  test('the wants of one demand move for each other: no third machine beside {a, b} and {a, c}', () => {
    const coming = [
      ['a', 'c'],
      ['a', 'b'],
    ];
    expect(match([['a', 'b']], [], coming)).toEqual(['1: c0 c1']);
    expect(match([['a', 'c']], [], coming)).toEqual(['1: c1 c0']);
    expect(
      match(
        [['a'], ['b']],
        [],
        [
          ['a', 'b'],
          ['a', 'c'],
        ],
      ),
    ).toEqual(['1: c1', '1: c0']);
  });

  test('an earlier demand keeps what it could have while another of its nodes is missing', () => {
    expect(match([['a', 'a'], ['a']], [['a']])).toEqual(['waits: r0 -', 'waits: -']);
    expect(match([['a', 'a'], ['a']], [['a']], [['a'], ['a']])).toEqual(['1: r0 c0', '1: c1']);
    expect(match([['a', 'z'], ['a || b']], [['a'], ['b']])).toEqual(['waits: r0 -', '0: r1']);
  });

  test('what is served by ready nodes does not wait for one that is on its way', () => {
    expect(match([['a'], ['b']], [['a', 'b']], [['a']])).toEqual(['0: r0', 'waits: -']);
    expect(match([['a', 'b']], [['a', 'b']], [['a']])).toEqual(['1: c0 r0']);
  });

  test('what cannot be read gets nothing', () => {
    expect(match([['a &&'], ['a']], [['a']])).toEqual(['waits: -', '0: r0']);
  });

  test('what nobody gets, oldest first', () => {
    const tiers = [machines('r', [['b'], ['a', 'b'], ['a'], ['b']]), machines('c', [['a']])];
    const { free } = matchWants(asks([['a']]), tiers);
    expect(free.map((nodes) => nodes.map(({ id }) => id))).toEqual([['r0', 'r1', 'r3'], ['c0']]);
  });
});

const LABELS = ['a', 'b', 'c', 'd'];
const TEXTS = ['a', 'b', 'c', 'a && b', 'a || c', '!d', 'd && !a', 'b || c && d'];
const nodesWith = (prefix: string, most: number) =>
  fc.array(fc.subarray(LABELS), { maxLength: most }).map((labels) => machines(prefix, labels));
const demands = fc
  .array(fc.array(fc.constantFrom(...TEXTS), { minLength: 1, maxLength: 3 }), { maxLength: 4 })
  .map(asks);

/**
 * By trying every choice: how many wants of each demand can have a node, the most of the first, then of the second, and
 * so on.
 */
function mostInOrder(asked: readonly Ask[], nodes: readonly Machine[]): number[] {
  const wants = asked.flatMap((ask, demand) => ask.wants.map((want) => ({ want, demand })));
  let best = asked.map(() => 0);
  const counts = asked.map(() => 0);
  const taken = new Set<string>();
  const attempt = (index: number): void => {
    const current = wants[index];
    if (current === undefined) {
      const at = counts.findIndex((count, demand) => count !== best[demand]);
      if (at >= 0 && (counts[at] as number) > (best[at] as number)) best = [...counts];
      return;
    }
    for (const node of nodes) {
      if (taken.has(node.id) || !satisfies(current.want, new Set(node.labels))) continue;
      taken.add(node.id);
      counts[current.demand] = (counts[current.demand] as number) + 1;
      attempt(index + 1);
      counts[current.demand] = (counts[current.demand] as number) - 1;
      taken.delete(node.id);
    }
    attempt(index + 1);
  };
  attempt(0);
  return best;
}

const counted = ({ matches }: Matching<Ask, Machine>): number[] =>
  matches.map(({ nodes }) => nodes.filter((node) => node !== null).length);

describe('for any demands and nodes', () => {
  test('as many are served as the order allows: no choice of nodes does better', () => {
    fc.assert(
      fc.property(demands, nodesWith('r', 5), (asked, ready) => {
        expect(counted(matchWants(asked, [ready]))).toEqual(mostInOrder(asked, ready));
      }),
      { numRuns: 500 },
    );
  });

  test('the second tier serves as many of those whom the first did not complete', () => {
    fc.assert(
      fc.property(demands, nodesWith('r', 3), nodesWith('c', 3), (asked, ready, coming) => {
        const now = matchWants(asked, [ready]);
        const both = matchWants(asked, [ready, coming]);
        const later: Ask[] = [];
        both.matches.forEach((each, index) => {
          const alone = now.matches[index];
          expect(each.tier === 0).toBe(alone?.tier === 0);
          if (each.tier === 0) expect(each.nodes).toEqual(alone?.nodes);
          else later.push(each.demand);
        });
        const gone = new Set(both.matches.flatMap(({ tier, nodes }) => (tier === 0 ? nodes : [])));
        const left = [...ready, ...coming].filter((node) => !gone.has(node));
        const waiting = both.matches.filter(({ tier }) => tier !== 0);
        expect(counted({ ...both, matches: waiting })).toEqual(mostInOrder(later, left));
      }),
      { numRuns: 500 },
    );
  });

  test('no node is given twice or to a want that it does not satisfy, and what is not given is free', () => {
    fc.assert(
      fc.property(demands, nodesWith('r', 8), nodesWith('c', 8), (asked, ready, coming) => {
        const matching = matchWants(asked, [ready, coming]);
        const given = matching.matches.flatMap(({ nodes }) => nodes.filter((node) => node !== null));
        expect([...given, ...matching.free.flat()].map(({ id }) => id).sort()).toEqual(
          [...ready, ...coming].map(({ id }) => id).sort(),
        );
        for (const { demand, nodes } of matching.matches) {
          nodes.forEach((node, index) => {
            if (node !== null) expect(satisfies(demand.wants[index] as Want, new Set(node.labels))).toBe(true);
          });
        }
      }),
      { numRuns: 500 },
    );
  });

  test('those that are served now are those that the first tier completes', () => {
    fc.assert(
      fc.property(demands, nodesWith('r', 8), nodesWith('c', 3), (asked, ready, coming) => {
        const completed = matchWants(asked, [ready, coming]).matches.filter(({ tier }) => tier === 0);
        const now = matchNow(asked, ready);
        expect(now).toEqual(completed.map(({ demand, nodes }) => ({ demand, nodes })));
      }),
      { numRuns: 300 },
    );
  });

  test('nobody loses anything by those behind it', () => {
    fc.assert(
      fc.property(demands, nodesWith('r', 4), nodesWith('c', 4), (asked, ready, coming) => {
        const all = matchWants(asked, [ready, coming]);
        const first = matchWants(asked.slice(0, 2), [ready, coming]);
        expect(counted(first)).toEqual(counted(all).slice(0, 2));
        expect(first.matches.map(({ tier }) => tier)).toEqual(all.matches.slice(0, 2).map(({ tier }) => tier));
      }),
      { numRuns: 500 },
    );
  });
});

describe('the work that it takes', () => {
  const repeat = <T>(count: number, make: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, at) => make(at));
  const stepsOf = (texts: string[][], labels: string[][]): number =>
    matchWants(asks(texts), [machines('r', labels)]).steps;

  test('with few sets of labels grows with the wants, not with the nodes', () => {
    const KINDS = [['jammy'], ['noble'], ['jammy', 'gpu'], ['noble', 'arm'], ['jammy', 'arm', 'gpu']];
    const ASKED = ['jammy', 'noble', 'gpu', 'jammy && !gpu'];
    const steps = (requests: number, nodes: number): number =>
      stepsOf(
        repeat(requests, (at) => [ASKED[at % ASKED.length] as string]),
        repeat(nodes, (at) => KINDS[at % KINDS.length] as string[]),
      );
    expect(steps(500, 10_000)).toBe(steps(500, 5_000));
    expect(steps(500, 10_000)).toBeLessThan(500 * 10);
    // Many more than there are nodes: those that get none cost nothing more.
    expect(steps(10_000, 500)).toBeLessThan(500 * 10 + 500);
  });

  test('where each has to move for the next is at most the square of them', () => {
    // Each wants its own node or the next one's, the last only the first one's: all have to move.
    const steps = (count: number): number =>
      stepsOf(
        [...repeat(count, (at) => [`n${at} || n${at + 1}`]), ...repeat(count / 2, () => ['n0'])],
        repeat(count + 1, (at) => [`n${at}`]),
      );
    expect(steps(200) / steps(100)).toBeLessThan(4.5);
    expect(steps(200)).toBeLessThan(10 * 200 * 200);
    const dense = (count: number): number =>
      stepsOf(
        repeat(count, (at) => [`!n${at}`]),
        repeat(count, (at) => [`n${at}`]),
      );
    expect(dense(200) / dense(100)).toBeLessThan(4.5);
  });
});
