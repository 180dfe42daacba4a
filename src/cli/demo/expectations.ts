import type { Operations } from '../../protocol/client.generated.ts';
import type { ApiClient } from '../../protocol/client.ts';

type Comparison = Operations['compareBuilds']['answer'];
type Run = Operations['getRun']['answer']['run'];

/** What the example project is made to show. */
const CHANGES = [
  ['regression', 'jammy', 'parser/quotes', 'nested quotes survive a round trip'],
  ['fix', 'noble', 'clock/zones', 'Lisbon has summer time'],
  ['new', 'both', 'parser/quotes', 'unicode quotes'],
  ['flaky', 'jammy', 'queue/order', 'drains in order'],
] as const;

const RUNS = [
  ['jammy', 'passed', { pass: 41, fail: 0, flaky: 0 }],
  ['noble', 'failed', { pass: 40, fail: 1, flaky: 0 }],
  ['jammy', 'failed', { pass: 40, fail: 1, flaky: 1 }],
  ['noble', 'passed', { pass: 42, fail: 0, flaky: 0 }],
] as const;

/** Everything that is not as the demo promises; empty when all of it is. */
export function unmetExpectations(builds: readonly (readonly Run[])[], comparison: Comparison): string[] {
  const problems: string[] = [];
  for (const [index, [environment, verdict, counts]] of RUNS.entries()) {
    const run = builds[Math.floor(index / 2)]?.find((candidate) => candidate.environment === environment);
    const where = `build ${Math.floor(index / 2) + 1}, ${environment}`;
    if (run?.verdict !== verdict) problems.push(`${where}: expected ${verdict}, got ${run?.verdict ?? 'no run'}`);
    for (const [status, count] of Object.entries(counts)) {
      const actual = run?.counts?.[status as keyof typeof counts] ?? 0;
      if (actual !== count) problems.push(`${where}: expected ${count} × ${status}, got ${actual}`);
    }
  }
  const actual = comparison.changes.map((change) => [change.kind, change.where, change.suite, change.name].join(' · '));
  const expected = CHANGES.map((change) => change.join(' · '));
  for (const change of expected) if (!actual.includes(change)) problems.push(`missing in the comparison: ${change}`);
  for (const change of actual)
    if (!expected.includes(change)) problems.push(`not expected in the comparison: ${change}`);
  const held = builds.flat().filter((run) => run.held);
  if (held.length !== 1) problems.push(`expected exactly one held node, got ${held.length}`);
  else if (held[0]?.environment !== 'jammy') problems.push('the held node is not that of the failed run on jammy');
  return problems;
}

/** Every run keeps the output of its attempts. */
export async function missingArtifacts(client: ApiClient, runs: readonly Run[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { id, environment } of runs) {
    const { artifacts } = await client.call('getRun', { path: { id: String(id) } });
    const kept = artifacts.some(({ kind, path }) => kind === 'artifact' && path === 'results/attempt-1.log');
    if (!kept) problems.push(`run ${id}, ${environment}: results/attempt-1.log is not among its artifacts`);
  }
  return problems;
}
