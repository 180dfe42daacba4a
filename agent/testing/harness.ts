import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { AssignmentId, RunId } from '../../src/base/ids.ts';
import type { Assignment, RunSpec, StepSpec } from '../../src/protocol/job.ts';
import type { AgentLimits } from '../settings.ts';
import { FakeServer } from './fake-server.ts';

export interface AgentProcess {
  child: ChildProcess;
  stderr(): string;
  exited: Promise<{ code: number | null; signal: string | null }>;
  /** Moves this process's time on: what is due by then strikes now. Not for a bundle. */
  pass(duration_ms: number): Promise<void>;
}

export interface Bench {
  directory: string;
  workspace: string;
  server: FakeServer;
  /** Starts the real program; again after a kill, where it goes on from its state file. */
  startAgent(limits?: Partial<AgentLimits>, program?: string, payload_command?: string[]): AgentProcess;
  close(): Promise<void>;
}

const PROGRAM = resolve(import.meta.dirname, '../main.ts');
const MOVING_TIME = resolve(import.meta.dirname, '../../src/base/testing/moving-time.ts');

/** A node's directory, a fake server on a unix socket in it, and agents as real processes. */
export async function openBench(): Promise<Bench> {
  const directory = mkdtempSync(join(tmpdir(), 'agent-'));
  const workspace = join(directory, 'workspace');
  const state = join(directory, 'state');
  mkdirSync(workspace);
  mkdirSync(state);
  const server = new FakeServer(join(directory, 'a socket: 100%20'));
  await server.start();
  const agents: AgentProcess[] = [];
  const start = (
    limits: Partial<AgentLimits>,
    payload_command: readonly string[],
    words: readonly string[],
  ): AgentProcess => {
    const file = join(directory, 'agent.json');
    const state_file = join(state, 'state.json');
    const settings = {
      server_url: `unix:${server.socket_path}`,
      token: server.token,
      workspace,
      payload_user: null,
      payload_command,
      state_file,
      isolation: 'none',
      limits: {
        reconnect_most_ms: 100,
        grace_ms: 300,
        answer_ms: 200,
        log_answer_ms: 400,
        heartbeat_ms: 100,
        ...limits,
      },
    };
    if (!existsSync(state_file)) writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
    const child = spawn(process.execPath, words, {
      env: { PATH: process.env.PATH, GROUNDCREW_AGENT_FILE: file, GROUNDCREW_STATE_FILE: state_file },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const exited = new Promise<{ code: number | null; signal: string | null }>((done) => {
      // Not at its exit: what it wrote last may come after that.
      child.on('close', (code, signal) => done({ code, signal }));
    });
    const pass = async (duration_ms: number): Promise<void> => {
      const moved = once(child, 'message');
      child.send({ move_ms: duration_ms });
      await moved;
    };
    const agent = { child, stderr: () => stderr, exited, pass };
    agents.push(agent);
    return agent;
  };
  const startAgent: Bench['startAgent'] = (limits = {}, program = PROGRAM, payload_command = []) =>
    start(limits, payload_command, program === PROGRAM ? ['--import', MOVING_TIME, program] : [program]);
  const close = async (): Promise<void> => {
    if (server.isConnected()) server.say({ type: 'retire', reason: 'the test is over' });
    else for (const agent of agents) agent.child.kill('SIGKILL');
    await Promise.all(agents.map((agent) => agent.exited));
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  return { directory, workspace, server, startAgent, close };
}

/** A step with defaults. */
export function step(run: string, change: Partial<StepSpec> = {}): StepSpec {
  return { name: 'test', run, timeout_ms: 60_000, env: {}, ...change };
}

/** A run's assignment with defaults. */
export function assignment(change: Partial<RunSpec> = {}, fence = 1, { run_id = 977, slot = 0 } = {}): Assignment {
  const spec: RunSpec = {
    project: 'acme/widget',
    build: '1a2b3c4',
    job: 'unit',
    environment: 'jammy',
    env: {},
    checkout: false,
    steps: [],
    results: [],
    artifacts: [],
    timeout_ms: 60_000,
    ...change,
  };
  return { assignment_id: (run_id + 1) as AssignmentId, slot, run_id: run_id as RunId, fence, spec };
}
