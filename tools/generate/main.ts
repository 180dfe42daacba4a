import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeCauses } from '../../src/base/errors/error.ts';
import { GENERATORS } from './generators.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Writes every generated file that is stale; `--check` only names them. Status 1: some are, or one could not be made. */
async function main(words: readonly string[]): Promise<number> {
  const checking = words.includes('--check');
  let status = 0;
  for (const { file, render } of GENERATORS) {
    try {
      const text = await render();
      if (text === current(file)) continue;
      process.stdout.write(checking ? `stale: ${file}\n` : `wrote ${file}\n`);
      if (checking) status = 1;
      else write(file, text);
    } catch (error) {
      process.stderr.write(`cannot make ${file}: ${describeCauses(error)}\n`);
      status = 1;
    }
  }
  return status;
}

/** Null when it is not there yet. */
function current(file: string): string | null {
  try {
    return readFileSync(join(ROOT, file), 'utf8');
  } catch {
    return null;
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(ROOT, file)), { recursive: true });
  writeFileSync(join(ROOT, file), text);
}

process.exitCode = await main(process.argv.slice(2));
