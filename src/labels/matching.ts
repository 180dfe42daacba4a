import { Assignment } from './assignment.ts';
import type { Want } from './want.ts';

/** Somebody who wants a node for each of these, all of them or none. */
export interface Wanting {
  readonly wants: readonly Want[];
}

export interface Labelled {
  readonly labels: readonly string[];
}

/** What one demand gets. */
export interface Match<Demand, Node> {
  readonly demand: Demand;
  /** In the order of its wants; null: none is left for it. What a demand has while others are missing is kept for it. */
  readonly nodes: readonly (Node | null)[];
  /** The first tier with which nothing is missing any more; null: something is missing. */
  readonly tier: number | null;
}

export interface Matching<Demand, Node> {
  /** One a demand, in their order. */
  readonly matches: readonly Match<Demand, Node>[];
  /** Of each tier, what nobody gets, in the order given. */
  readonly free: readonly (readonly Node[])[];
  /** How often a want was held against nodes that are alike: what the work grows with. */
  readonly steps: number;
}

/**
 * Who gets which node: the one answer for the allocator (tiers: ready nodes), for the planner and for what is told to
 * people (ready nodes, then those that are on their way). Demands come in the order in which they are served, the nodes
 * of a tier oldest first. Pure, and the same input gives the same answer.
 *
 * - Each want in its order gets a node whenever that is possible beside all before it: an earlier one may get another
 *   node for it, but never none. So no choice of nodes serves more of the first, nor then more of the second, and so on.
 * - A demand for several nodes has all or waits; what it could have is kept for it, so that a stream of small demands
 *   cannot starve it.
 * - A demand that the first tier completes keeps its nodes of that tier: it is served now, whatever is on its way.
 * - Of what will do, a node with the fewest labels serves, so that rare ones stay free; then the oldest.
 *
 * Nodes with the same labels, and wants with the same text, are handled as one. For E texts, G sets of labels and W
 * wants it takes E × G steps, and at most so many more for each want that another has to move for.
 */
export function matchWants<Demand extends Wanting, Node extends Labelled>(
  demands: readonly Demand[],
  tiers: readonly (readonly Node[])[],
): Matching<Demand, Node> {
  const assignment = new Assignment<Node>();
  const matches: (Match<Demand, Node> | undefined)[] = demands.map(() => undefined);
  let waiting = demands.map((_, index) => index);
  tiers.forEach((nodes, tier) => {
    assignment.addTier(nodes);
    for (const index of waiting) assignment.place((demands[index] as Demand).wants);
    const last = tier === tiers.length - 1;
    const given = assignment.handOut(
      waiting.map((index) => (demands[index] as Demand).wants),
      last,
    );
    waiting = waiting.filter((index, position) => {
      const of = given[position] as (Node | null)[];
      const complete = of.every((node) => node !== null);
      if (complete || last)
        matches[index] = { demand: demands[index] as Demand, nodes: of, tier: complete ? tier : null };
      return !complete;
    });
  });
  return { matches: matches as Match<Demand, Node>[], free: assignment.free(), steps: assignment.steps };
}

/**
 * The same of one tier, when only those matter that are served now: nobody behind the last free node is looked at, so
 * that a long row of waiting demands costs nothing.
 */
export function matchNow<Demand extends Wanting, Node extends Labelled>(
  demands: Iterable<Demand>,
  nodes: readonly Node[],
): { demand: Demand; nodes: Node[] }[] {
  const assignment = new Assignment<Node>();
  assignment.addTier(nodes);
  const placed: Demand[] = [];
  if (nodes.length > 0) {
    for (const demand of demands) {
      assignment.place(demand.wants);
      placed.push(demand);
      if (assignment.left === 0) break;
    }
  }
  const given = assignment.handOut(
    placed.map(({ wants }) => wants),
    true,
  );
  return placed.flatMap((demand, index) => {
    const of = given[index] as (Node | null)[];
    return of.every((node) => node !== null) ? [{ demand, nodes: of as Node[] }] : [];
  });
}
