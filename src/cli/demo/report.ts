import { formatDuration } from '../../base/units.ts';
import type { Operations } from '../../protocol/client.generated.ts';
import { changeLines } from '../commands/build-compare.ts';
import type { Paint } from '../text/paint.ts';
import { countsText } from '../text/status.ts';

type Run = Operations['getRun']['answer']['run'];
type Comparison = Operations['compareBuilds']['answer'];
type Fleet = Operations['getFleet']['answer'];

/** `jammy  ✗ 40 passed  1 failed  1 flaky  node n-c40b…  waited 3 ms  ran 3.3 s  held` */
export function runLine(run: Run, paint: Paint): string {
  const good = run.verdict === 'passed';
  const verdict =
    `${good ? '✓' : '✗'} ${run.counts === null ? (run.verdict ?? run.state) : countsText(run.counts)}`.padEnd(32);
  const node = `node ${run.node_id ?? '–'}`;
  const times = `waited ${shown(run.waited_ms)}   ran ${shown(run.ran_ms)}`;
  const held = run.held ? `   ${paint.strong('held')}` : '';
  return `${run.environment.padEnd(7)}${good ? paint.good(verdict) : paint.bad(verdict)} ${paint.quiet(`${node}   ${times}`)}${held}`;
}

function shown(duration_ms: number | null): string {
  return duration_ms === null ? '–' : formatDuration(duration_ms);
}

/** So that the shortest environments of the demo stand in one column. */
const WHERE_CHARACTERS = 6;

/** The changes, one or two lines each, as `build compare` shows them. */
export function comparisonLines(comparison: Comparison, paint: Paint): string[] {
  return comparison.changes.flatMap((change) => changeLines({ paint, width: null }, change, WHERE_CHARACTERS));
}

/** The fleet's table: a line a label. */
export function fleetLines(fleet: Fleet, paint: Paint): string[] {
  return fleet.labels
    .filter((row) => row.target > 0)
    .map((row) => {
      const done = row.ready >= row.target;
      const bar = '█'.repeat(Math.min(row.ready, 20)).padEnd(5);
      const coming = row.coming === 0 ? '·' : '░'.repeat(Math.min(row.coming, 20));
      const where = fleet.providers
        .map((provider) => [provider.provider, ready(fleet, provider.provider, row.label)] as const)
        .filter(([, count]) => count > 0)
        .map(([name, count]) => `${name} ${count}`);
      const count = `${row.ready}/${row.target}`;
      return `${row.label.padEnd(8)}${(done ? paint.good(count) : count).padEnd(count.length)}   ${bar}  ${coming.padEnd(9)}  ${paint.quiet(where.join('   '))}`;
    });
}

function ready(fleet: Fleet, provider: string, label: string): number {
  return fleet.pools
    .filter((pool) => pool.provider === provider && pool.labels.includes(label))
    .reduce((total, pool) => total + (pool.by_state.ready ?? 0), 0);
}
