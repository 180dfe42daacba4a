import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BenchContext } from './context.ts';
import { type Figure, figure } from './figure.ts';

/** What is built: the agent's one file, and what a browser loads of the dashboard. */
export async function* figures({ root }: BenchContext): AsyncGenerator<Figure> {
  const agent_bytes = statSync(join(root, 'dist', 'agent.js')).size;
  yield figure('agent: bundle', agent_bytes / 2 ** 10, 'KiB', { at_most: 1024 });
  const directory = join(root, 'dist', 'web');
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(js|css|html)$/.test(name),
  );
  const bytes = files.reduce((sum, name) => sum + gzipSync(readFileSync(join(directory, name))).length, 0);
  yield figure('dashboard: gzipped', bytes / 1000, 'KB', { at_most: 200 });
}
