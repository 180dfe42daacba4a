import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildProgram } from './build-program.mjs';
import { buildWeb } from './build-web.mjs';
import { filesBelow, hashOf, isFresh } from './fresh.mjs';
import { STATE_DIRECTORY } from './paths.mjs';

/** A change of how programs are built makes all of them stale. */
const RECIPE = join(dirname(fileURLToPath(import.meta.url)), 'build-program.mjs');

/**
 * Everything that a build makes, from `tools/build.config.json`. A target whose entry does not exist is left out and
 * named in `missing`.
 */
export function readTargets(root) {
  const configFile = join(root, 'tools', 'build.config.json');
  const config = JSON.parse(readFileSync(configFile, 'utf8'));
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const all = config.programs.map((program) => programTarget(root, program, lock));
  if (config.web) all.push(webTarget(root, config.web, lock));
  return { targets: all.filter((one) => existsSync(join(root, one.entry))), missing: missingEntries(root, all) };
}

function missingEntries(root, all) {
  return all.map((one) => one.entry).filter((entry) => !existsSync(join(root, entry)));
}

function programTarget(root, program, lock) {
  const stamp = join(STATE_DIRECTORY, `${program.name}.json`);
  const output = join(root, 'dist', `${program.name}.js`);
  const key = hashOf(JSON.stringify(program), lock, readFileSync(RECIPE, 'utf8'));
  return {
    name: program.name,
    entry: program.entry,
    isFresh: () => isFresh(root, stamp, output, key),
    build: () => buildProgram(root, program, { stamp, output, key }),
  };
}

function webTarget(root, web, lock) {
  const stamp = join(STATE_DIRECTORY, 'web.json');
  const output = join(root, 'dist', 'web');
  const inputs = filesBelow(root, [web.directory, ...web.shared]);
  const key = hashOf(JSON.stringify(web), lock, inputs.join('\n'));
  return {
    name: 'web',
    entry: join(web.directory, 'index.html'),
    isFresh: () => isFresh(root, stamp, output, key),
    build: () => buildWeb(root, web, { stamp, output, key, inputs }),
  };
}
