import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeStamp } from './fresh.mjs';
import { findNode24 } from './node24.mjs';

const VITE_TIMEOUT_MS = 5 * 60_000;

/** Builds the dashboard with Vite beside the present one, then exchanges the two directories. */
export async function buildWeb(root, web, { stamp, output, key, inputs }) {
  const started_ms = Date.now();
  const next = `${output}.new`;
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const parameters = [
    vite,
    'build',
    join(root, web.directory),
    '--outDir',
    next,
    '--emptyOutDir',
    '--logLevel',
    'warn',
  ];
  const result = spawnSync(findNode24(root), parameters, {
    cwd: root,
    encoding: 'utf8',
    timeout: VITE_TIMEOUT_MS,
    env: {
      ...process.env,
      NODE_ENV: 'production',
      ...(process.stderr.isTTY ? {} : { NO_COLOR: '1', FORCE_COLOR: undefined }),
    },
  });
  if (result.status !== 0) {
    const said = `${result.stdout}${result.stderr}${result.error?.message ?? ''}`.replace(/\n {4}at .*$/s, '\n');
    throw new Error(`Cannot build the dashboard:\n${said}`);
  }
  const before = `${output}.old`;
  rmSync(before, { recursive: true, force: true });
  if (existsSync(output)) renameSync(output, before);
  renameSync(next, output);
  rmSync(before, { recursive: true, force: true });
  writeStamp(root, stamp, key, inputs, started_ms);
}
