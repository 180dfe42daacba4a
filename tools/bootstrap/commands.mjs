import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { become } from './child.mjs';
import { findNode24 } from './node24.mjs';
import { ROOT } from './paths.mjs';
import { prepare } from './prepare.mjs';

export const USAGE = `Usage: node tools/bootstrap.mjs COMMAND [ARGUMENT...]

  demo       a fleet, its crew and their results, on this machine
  test       the whole test suite, or the files that are named
  soak       mishaps by chance for a while, apart from the suite
  check      types, floors, lint and tidy
  bench      the figures of every area, or of those that are named
  pictures   those of the README anew, while the demo shows its summary
  build      what is stale, into dist/
  generate   the reference pages
  exec       a file under Node 24, after installing and building
`;

/** What each command does: returns the status to exit with. */
export const COMMANDS = {
  demo: runDemo,
  test: (parameters) => runTool(['node_modules/vitest/vitest.mjs', 'run', ...parameters]),
  soak: (parameters) =>
    runTool(['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.soak.config.ts', ...parameters]),
  check: (parameters) => runTool(['tools/check.ts', ...parameters], { build: false }),
  bench: (parameters) => runTool(['bench/run.ts', ...parameters]),
  pictures: (parameters) => runTool(['test/browser/pictures.ts', ...parameters]),
  build: runBuild,
  generate: (parameters) => runTool(['tools/generate/main.ts', ...parameters], { build: false }),
  exec: runFile,
};

async function runDemo(parameters) {
  process.stdout.write('\n  groundcrew demo        a fleet, its crew and their results, on this machine\n\n');
  const isWritten = existsSync(join(ROOT, 'src', 'cli', 'demo'));
  await prepare(process.stdout, { build: isWritten });
  if (!isWritten) {
    process.stdout.write('  Nothing runs yet: the demo is not written.\n');
    return 0;
  }
  return await become(findNode24(ROOT), [join(ROOT, 'dist', 'groundcrew.js'), 'demo', ...parameters]);
}

/** A program of this checkout, from its root. */
async function runTool([file, ...parameters], options) {
  await prepare(process.stderr, options);
  if (!existsSync(join(ROOT, file))) throw new Error(`${file} does not exist yet.`);
  return await become(findNode24(ROOT), [join(ROOT, file), ...parameters], { cwd: ROOT });
}

async function runBuild() {
  const missing = await prepare(process.stdout);
  for (const entry of missing) process.stdout.write(`  · left out: ${entry} does not exist\n`);
  return 0;
}

async function runFile(parameters) {
  await prepare(process.stderr);
  return await become(findNode24(ROOT), parameters);
}
