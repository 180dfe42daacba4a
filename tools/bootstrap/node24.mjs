import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The Node that everything but the bootstrap is written for. */
const WANTED_MAJOR = 24;

/** The path of Node 24: the one among the installed packages, else the running one when it is new enough. */
export function findNode24(root, running = { version: process.versions.node, path: process.execPath }) {
  const installed = join(root, 'node_modules', '.bin', 'node');
  if (existsSync(installed)) return installed;
  if (Number(running.version.split('.')[0]) >= WANTED_MAJOR) return running.path;
  throw new Error(
    `There is no package with Node ${WANTED_MAJOR} for ${process.platform} ${process.arch}, and this is Node ` +
      `${running.version}. Install Node ${WANTED_MAJOR} and start with it.`,
  );
}
