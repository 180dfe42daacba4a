import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { become } from './child.mjs';
import { exitWith } from './main.mjs';
import { findNode24 } from './node24.mjs';
import { ROOT } from './paths.mjs';
import { prepare } from './prepare.mjs';

/** Runs `dist/NAME.js` under Node 24 in the caller's directory, built first when it is stale. */
export async function runProgram(name, parameters) {
  await exitWith(async () => {
    await prepare(process.stderr);
    const file = join(ROOT, 'dist', `${name}.js`);
    if (!existsSync(file)) throw new Error(`${name} is not built: its entry file does not exist yet.`);
    return await become(findNode24(ROOT), [file, ...parameters]);
  });
}
