import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeCauses } from '../src/base/errors/error.ts';
import { AREAS, chooseModules } from './areas.ts';
import { type BenchModule, withContext } from './context.ts';
import { describeMachine } from './machine.ts';

// npm run bench -- [AREA…]: one JSON line a figure on standard output, everything else on standard error.

/** Prints every figure of one file; returns how many were not ok. */
async function runModule(file: string): Promise<number> {
  const path = join(import.meta.dirname, file);
  if (!existsSync(path)) {
    process.stderr.write(`· ${file} does not exist yet: left out\n`);
    return 0;
  }
  process.stderr.write(`· ${file}\n`);
  const module: BenchModule = await import(path);
  let misses = 0;
  try {
    await withContext(join(import.meta.dirname, '..'), async (context) => {
      for await (const figure of module.figures(context)) {
        process.stdout.write(`${JSON.stringify(figure)}\n`);
        if (!figure.ok) misses++;
      }
    });
  } catch (error) {
    process.stderr.write(`${file} did not finish: ${describeCauses(error)}\n`);
    misses++;
  }
  return misses;
}

async function main(named: string[]): Promise<number> {
  const files = chooseModules(AREAS, named);
  process.stderr.write(`${describeMachine()}\n`);
  let misses = 0;
  for (const file of files) misses += await runModule(file);
  if (misses > 0) process.stderr.write(`${misses} not ok\n`);
  return misses === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
