import { join } from 'node:path';
import { packageRoot } from './package-root.ts';

/** Where the build put what the server hands out. */
export function builtParts(): { agent_bundle: string; node_executable: string; dashboard_directory: string } {
  const root = packageRoot();
  return {
    agent_bundle: join(root, 'dist', 'agent.js'),
    node_executable: process.execPath,
    dashboard_directory: join(root, 'dist', 'web'),
  };
}
