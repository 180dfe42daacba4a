import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import type { ScratchServer } from './scratch-server.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** The agent of an earlier commit as one file, built below `build/`, where it finds its packages. */
export async function buildOlderAgent(commit: string): Promise<{ program: string; remove(): void }> {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  const directory = mkdtempSync(join(ROOT, 'build', 'older-agent-'));
  const archive = execFileSync('git', ['archive', '--format=tar', commit, 'agent', 'src/base', 'src/protocol'], {
    ...{ cwd: ROOT, maxBuffer: 2 ** 28 },
  });
  execFileSync('tar', ['-x', '-C', directory], { input: archive });
  const program = join(directory, 'agent.mjs');
  await build({
    ...{ entryPoints: [join(directory, 'agent', 'main.ts')], outfile: program },
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node22', logLevel: 'silent' },
  });
  return { program, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

export interface StartedAgent {
  child: ChildProcess;
  /** What it wrote on standard error. */
  said(): string;
}

/** Starts an agent's program against a server; it registers with the token. */
export function startAgent(server: ScratchServer, program: string, token: string): StartedAgent {
  const place = mkdtempSync(join(server.directory, 'node-'));
  const workspace = join(place, 'workspace');
  mkdirSync(workspace);
  // Agents of before could not dial a socket whose path has a space, as this server's has.
  const socket = join(tmpdir(), `agent-${basename(place)}.socket`);
  symlinkSync(join(server.directory, 'data', 'agent', 'socket'), socket);
  const file = join(place, 'agent.json');
  const settings = {
    server_url: `unix:${socket}`,
    ...{ token, workspace, payload_user: null, payload_command: [], isolation: 'none' },
    state_file: join(place, 'state.json'),
  };
  writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env.PATH, GROUNDCREW_AGENT_FILE: file, GROUNDCREW_STATE_FILE: settings.state_file },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  child.once('exit', () => rmSync(socket, { force: true }));
  return { child, said: () => text };
}
