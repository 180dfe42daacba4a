import { formatDuration } from '../../base/units.ts';
import type { Operations } from '../../protocol/client.generated.ts';
import { changeLines } from '../commands/build-compare.ts';
import type { Paint } from '../text/paint.ts';
import { countsText } from '../text/status.ts';
import { widthOf } from '../text/width.ts';

type Run = Operations['getRun']['answer']['run'];
type RunOnALine = Pick<
  Run,
  'environment' | 'verdict' | 'state' | 'counts' | 'node_id' | 'waited_ms' | 'ran_ms' | 'held'
>;
type Comparison = Operations['compareBuilds']['answer'];
type Fleet = Operations['getFleet']['answer'];

/** How much room a line may take, and its colours. */
type Look = { readonly paint: Paint; readonly width: number | null };

/** `jammy  ✗ 40 passed  1 failed  1 flaky  node n-c40b…  waited 3 ms  ran 3.3 s  held`, closer where it is narrow. */
export function runLine(run: RunOnALine, { paint, width }: Look): string {
  const good = run.verdict === 'passed';
  const verdict = `${good ? '✓' : '✗'} ${run.counts === null ? (run.verdict ?? run.state) : countsText(run.counts)}`;
  const line = (gap: string, node: string, held: string): string => {
    const times = `waited ${shown(run.waited_ms)}${gap}ran ${shown(run.ran_ms)}`;
    const painted = (good ? paint.good : paint.bad)(verdict.padEnd(30));
    const kept = run.held ? `${gap}${paint.strong(held)}` : '';
    return `${run.environment.padEnd(7)}${painted}${gap}${paint.quiet(`${node}${run.node_id ?? '–'}${gap}${times}`)}${kept}`;
  };
  const closest = line('  ', '', '■');
  const lines = [line('   ', 'node ', 'held'), line('  ', '', 'held'), closest];
  return lines.find((candidate) => width === null || widthOf(candidate) <= width) ?? closest;
}

function shown(duration_ms: number | null): string {
  return duration_ms === null ? '–' : formatDuration(duration_ms);
}

/** So that the shortest environments of the demo stand in one column. */
const WHERE_CHARACTERS = 6;

/** The changes, one or two lines each, as `build compare` shows them. */
export function comparisonLines(comparison: Comparison, look: Look): string[] {
  return comparison.changes.flatMap((change) => changeLines(look, change, WHERE_CHARACTERS));
}

/** The last line: what became of the nodes that were held until then. */
export function endLine(held: number): string {
  if (held === 0) return '✓ stopped';
  return held === 1 ? '✓ stopped; the held node was let go' : `✓ stopped; the ${held} held nodes were let go`;
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
