import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runDirectory, stepEnvironment } from '../../agent/payloads/run/environment.ts';
import type { RunId } from '../../src/base/ids.ts';
import { packageRoot } from '../../src/cli/package-root.ts';
import { INSIDE } from '../../src/providers/local/places.ts';

const GUIDE = readFileSync(join(packageRoot(), 'docs', 'guides', 'first-job.md'), 'utf8');
const SECTION = GUIDE.slice(GUIDE.indexOf('### What a step finds'), GUIDE.indexOf('## 4. '));

/** The names in the first column of the table, with what its second column says. */
const rows = SECTION.split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .flatMap(([, names = '', value = '']) => [...names.matchAll(/`(\w+)`/g)].map((match) => [match[1], value] as const));

/** Of a node whose agent has every variable that there is. */
function environmentOfStep(): Record<string, string> {
  const everything = new Proxy<NodeJS.ProcessEnv>({}, { get: () => 'of the node' });
  type Arguments = Parameters<typeof stepEnvironment>;
  const kept = { settings: { workspace: INSIDE.workspace }, node_id: 'n-1', env: {} } as unknown as Arguments[0];
  const spec = { project: 'acme/first', build: '1', job: 'main', environment: 'default', env: {} };
  const run = { assignment: { run_id: 7 as RunId, fence: 1, spec }, marker: 'x' } as unknown as Arguments[1];
  return stepEnvironment(kept, run, {}, everything);
}

it('the guide names every variable that a step finds, and no other', () => {
  const environment = environmentOfStep();
  expect(rows.map(([name]) => name).sort()).toEqual(Object.keys(environment).sort());
  const said = new Map(rows);
  for (const name of ['HOME', 'CI']) expect(said.get(name as string), name).toContain(`\`${environment[name]}\``);
  expect(said.get('HOME')).toContain(`\`${INSIDE.home}\``);
});

it('the guide names the directory in which steps start', () => {
  expect(SECTION).toContain(`\`${runDirectory(INSIDE.workspace, 'acme/first', 0)}\``);
});
