import { labelsOf, parseExpression } from '../../labels/expression.ts';
import { COMING_STATES, type NodeState } from '../../nodes/state.ts';
import type { PoolCountRow } from '../../nodes/store/list.ts';
import type { FleetView } from '../../protocol/api/fleet.ts';
import { WAIT_SLOTS, type WaitCount, waitP95_ms } from '../../requests/store/waits.ts';
import type { ApiContext } from '../app/context.ts';

export interface LabelFindings {
  pools: readonly PoolCountRow[];
  /** Expressions of waiting requests. */
  waiting: readonly string[][];
  waits: readonly WaitCount[];
}

/** What is there for each label that is kept warm or waited for, and how long its requests waited. */
export function labelRows(context: ApiContext, { pools, waiting, waits }: LabelFindings): FleetView['labels'] {
  const namedIn = labelReader();
  const counts = new Map<string, number>();
  for (const expressions of waiting) {
    for (const label of namedIn(expressions)) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const waitsOf = new Map<string, WaitCount[]>();
  for (const wait of waits) {
    for (const label of namedIn(wait.expressions)) waitsOf.set(label, [...(waitsOf.get(label) ?? []), wait]);
  }
  const configured = context.services.config().labels;
  // Labels that nobody keeps warm are shown while somebody waits for them.
  const names = [...new Set([...Object.keys(configured), ...counts.keys()])];
  return names.map((label) => {
    const own = pools.filter((pool) => pool.labels.includes(label));
    const count = (...states: NodeState[]): number =>
      own.reduce((sum, pool) => sum + (states.includes(pool.state as NodeState) ? pool.count : 0), 0);
    return {
      label,
      target: configured[label]?.ready ?? 0,
      ready: count('ready'),
      coming: count(...COMING_STATES),
      used: count('assigned', 'running'),
      held: count('held'),
      waiting: counts.get(label) ?? 0,
      ...waitFigures(waitsOf.get(label) ?? []),
    };
  });
}

function waitFigures(waits: readonly WaitCount[]): { wait_p95_ms: number | null; waits_last_hour: (number | null)[] } {
  const slots = Array.from({ length: WAIT_SLOTS }, (_, index) => WAIT_SLOTS - 1 - index);
  return {
    wait_p95_ms: waitP95_ms(waits),
    waits_last_hour: slots.map((slot) => waitP95_ms(waits.filter((wait) => wait.slot === slot))),
  };
}

/** Thousands of requests wait for a handful of expressions: each is read once. */
function labelReader(): (expressions: readonly string[]) => Set<string> {
  const known = new Map<string, readonly string[]>();
  const labelsIn = (expression: string): readonly string[] => {
    const labels = known.get(expression) ?? [...labelsOf(parseExpression(expression))];
    known.set(expression, labels);
    return labels;
  };
  return (expressions) => new Set(expressions.flatMap(labelsIn));
}
