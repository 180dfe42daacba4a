import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { systemClock } from '../src/base/clock.ts';
import { formatDuration } from '../src/base/units.ts';

/** What `npm run check` runs. Types come first: what they refuse confuses the rest. */
const STEPS: readonly { name: string; file: string; parameters: string[] }[] = [
  { name: 'types and floors', file: 'node_modules/typescript/bin/tsc', parameters: ['-b'] },
  {
    name: 'lint and format',
    file: 'node_modules/@biomejs/biome/bin/biome',
    parameters: ['check', '--no-errors-on-unmatched'],
  },
  { name: 'tidy', file: 'tools/tidy/main.ts', parameters: [] },
  // What is exported and used nowhere else, not even by a test; see knip.json.
  { name: 'dead exports', file: 'node_modules/knip/bin/knip.js', parameters: ['--no-progress'] },
];

const STEP_TIMEOUT_MS = 10 * 60_000;

/** Runs one step in the root directory and returns its status; its output passes through. */
function runStep(file: string, parameters: string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(process.cwd(), file), ...parameters], {
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: STEP_TIMEOUT_MS,
    });
    child.once('error', (error) => {
      process.stderr.write(`Cannot run ${file}: ${error.message}\n`);
      resolve(1);
    });
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

const wanted = process.argv.slice(2);
const failed: string[] = [];
for (const step of STEPS) {
  if (wanted.length > 0 && !wanted.some((word) => step.name.includes(word))) continue;
  const start_ms = systemClock.monotonic_ms();
  const status = await runStep(step.file, step.parameters);
  const took = formatDuration(systemClock.monotonic_ms() - start_ms);
  process.stdout.write(`${status === 0 ? '✓' : '✗'} ${step.name}  ${took}\n`);
  if (status !== 0) failed.push(step.name);
}
if (failed.length > 0) process.stdout.write(`Not clean: ${failed.join(', ')}.\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
