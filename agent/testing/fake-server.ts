import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import type { NodeId } from '../../src/base/ids.ts';
import { until } from '../../src/base/testing/until.ts';
import {
  type ActiveRun,
  type AgentMessage,
  LOG_CHUNK_BYTES,
  type RunOutcome,
  type ServerMessage,
  type StepReport,
  type TaskSpec,
} from '../../src/protocol/agent.ts';
import { AGENT_VERSIONS } from '../../src/protocol/agent-versions.ts';
import type { Assignment } from '../../src/protocol/job.ts';
import { FakeHttp } from './fake-http.ts';
import { problemOf } from './message-problem.ts';

export interface FakeRun {
  assignment: Assignment;
  acknowledged: number;
  log: Buffer;
  steps: Map<number, StepReport>;
  outcome: RunOutcome | null;
  stale: boolean;
}

/**
 * A strict server for one agent: checks the shape and order of every word and the bytes of the log, and breaks its own
 * side as a test asks. What a real server keeps in rows outlives `stop` and `start`.
 */
export class FakeServer {
  readonly socket_path: string;
  readonly token = 'token-1';
  session_secret: string | null = null;
  preflight: TaskSpec[] = [];
  env: Record<string, string> = {};
  /** All that were assigned, one for each run. */
  runs: FakeRun[] = [];
  slots = 1;
  readonly http = new FakeHttp(this);
  readonly problems: string[] = [];
  /** Uploads of what was complete already. */
  readonly repeats: string[] = [];
  readonly words: AgentMessage[] = [];
  shell = { outputs: new Map<string, Buffer>(), taken_bytes: 0, ends: new Map<string, number | null>() };
  /** Called with each word before it is handled; true swallows it and its answer. */
  swallow: (word: AgentMessage) => boolean = () => false;
  /** Is this answer to be lost? */
  loses: (answer: ServerMessage) => boolean = () => false;
  connections = 0;
  #tokenUsed = false;
  #server: Server | null = null;
  #sockets: WebSocketServer | null = null;
  #current: WebSocket | null = null;
  #isGreeted = false;

  constructor(socket_path: string) {
    this.socket_path = socket_path;
  }

  problem(text: string): void {
    this.problems.push(text);
  }

  async start(): Promise<void> {
    rmSync(this.socket_path, { force: true });
    const server = createServer((request, response) => {
      this.http.handle(request, response).catch((error) => this.problem(String(error)));
    });
    this.#sockets = new WebSocketServer({ noServer: true });
    server.on('upgrade', (request, socket, head) => {
      // An agent that is refused or killed may reset it; node:http has let go of it by now.
      socket.on('error', () => {});
      const bearer = String(request.headers.authorization).replace('Bearer ', '');
      const isToken = bearer === this.token && !this.#tokenUsed;
      if (!isToken && (this.session_secret === null || bearer !== this.session_secret)) {
        socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      this.#sockets?.handleUpgrade(request, socket, head, (webSocket) => this.#connected(webSocket, isToken));
    });
    await new Promise<void>((resolve) => server.listen(this.socket_path, resolve));
    this.#server = server;
  }

  /** As a killed process: every connection breaks at once. */
  async stop(): Promise<void> {
    this.cut();
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  /** Breaks the agent's connection without a word. */
  cut(): void {
    for (const socket of this.#sockets?.clients ?? []) socket.terminate();
  }

  /** Connected and welcome. */
  isConnected(): boolean {
    return this.#isGreeted && this.#current?.readyState === WebSocket.OPEN;
  }

  useToken(): void {
    this.#tokenUsed = true;
  }

  say(message: ServerMessage): void {
    if (this.#current?.readyState === WebSocket.OPEN && !this.loses(message)) {
      this.#current.send(JSON.stringify(message));
    }
  }

  assign(assignment: Assignment): FakeRun {
    const run = { assignment, acknowledged: 0, log: Buffer.alloc(0), steps: new Map(), outcome: null, stale: false };
    this.runs = [...this.runs.filter((other) => other.assignment.run_id !== assignment.run_id), run];
    this.say({ type: 'assignments', assignments: [assignment] });
    return run;
  }

  /** The last one. */
  get run(): FakeRun | null {
    return this.runs.at(-1) ?? null;
  }

  #find({ run_id, fence }: ActiveRun): FakeRun | null {
    const run = this.runs.find(({ assignment }) => assignment.run_id === run_id && assignment.fence === fence);
    return run === undefined || run.stale ? null : run;
  }

  /** What this shell has printed; several print at once. */
  printed(shell_id: string): Buffer {
    return this.shell.outputs.get(shell_id) ?? Buffer.alloc(0);
  }

  /** Polls; throws with what was seen when it does not come true. */
  async until(what: string, isTrue: () => boolean, timeout_ms = 15_000): Promise<void> {
    await until(isTrue, what, timeout_ms).catch((cause: unknown) => {
      const words = this.words.slice(-8).map((word) => JSON.stringify(word).slice(0, 200));
      const seen = `problems ${JSON.stringify(this.problems)}; last words ${words.join('\n')}`;
      throw new Error(`never: ${what}; ${seen}`, { cause });
    });
  }

  #connected(socket: WebSocket, isToken: boolean): void {
    this.connections++;
    this.#current?.terminate();
    this.#current = socket;
    this.#isGreeted = false;
    let greeted = false;
    socket.on('message', (data) => {
      if (socket !== this.#current) return;
      const word = JSON.parse(String(data)) as AgentMessage;
      const problem = problemOf(word);
      if (problem) this.problem(problem);
      if (greeted === (word.type === 'hello')) this.problem(`${word.type} at the wrong time`);
      if (word.type !== 'heartbeat' && word.type !== 'log') this.words.push(word);
      if (word.type === 'hello') {
        greeted = true;
        this.#welcome(word, isToken);
      } else if (!this.swallow(word)) this.#hear(word);
    });
    socket.on('error', () => {});
  }

  #welcome(hello: Extract<AgentMessage, { type: 'hello' }>, isToken: boolean): void {
    if (isToken) {
      this.#tokenUsed = true;
      this.session_secret = 'secret-1';
    }
    this.say({
      type: 'welcome',
      version: AGENT_VERSIONS.newest,
      node_id: 'n-00000001' as NodeId,
      epoch: this.connections,
      session_secret: isToken ? this.session_secret : null,
      preflight: this.preflight,
      env: this.env,
      slots: this.slots,
    });
    this.#isGreeted = true;
    for (const named of hello.runs) {
      const run = this.#find(named);
      if (!run) this.say({ type: 'stale', ...named });
      else if (run.outcome) this.say({ type: 'finish_ack', ...named });
      else this.say({ type: 'log_ack', ...named, offset: run.log.length });
    }
  }

  #hear(word: AgentMessage): void {
    if (word.type === 'pull') {
      const open = this.runs.filter((run) => run.acknowledged === 0);
      this.say({ type: 'assignments', assignments: open.map((run) => run.assignment) });
    } else if (word.type === 'shell_output') {
      const data = Buffer.from(word.data_base64, 'base64');
      this.shell.outputs.set(word.shell_id, Buffer.concat([this.printed(word.shell_id), data]));
    } else if (word.type === 'shell_taken') {
      this.shell.taken_bytes += word.bytes;
    } else if (word.type === 'shell_end') {
      if (this.shell.ends.has(word.shell_id)) this.problem('a shell ended twice');
      this.shell.ends.set(word.shell_id, word.exit_code);
    } else if ('run_id' in word) this.#hearRun(word);
  }

  #hearRun(word: Extract<AgentMessage, { run_id: unknown }>): void {
    const { run_id, fence } = word;
    const run = this.#find(word);
    if (!run) {
      this.say({ type: 'stale', run_id, fence });
      return;
    }
    if (word.type !== 'acknowledge' && run.acknowledged === 0) this.problem(`${word.type} before acknowledge`);
    if (word.type === 'acknowledge') {
      run.acknowledged++;
      this.say({ type: 'log_ack', run_id, fence, offset: run.log.length });
    } else if (word.type === 'log') this.#hearLog(run, word.offset, Buffer.from(word.data_base64, 'base64'));
    else if (word.type === 'step') {
      if (run.outcome && !run.steps.has(word.step.ordinal)) this.problem('a new step after the end');
      run.steps.set(word.step.ordinal, word.step);
    } else {
      if (word.outcome.log_bytes !== run.log.length) this.problem('finish before the whole log was kept');
      if (run.outcome && JSON.stringify(run.outcome) !== JSON.stringify(word.outcome)) this.problem('two ends');
      run.outcome = word.outcome;
      this.say({ type: 'finish_ack', run_id, fence });
    }
  }

  #hearLog(run: FakeRun, offset: number, data: Buffer): void {
    const { run_id, fence } = run.assignment;
    const kept = run.log.length;
    if (data.length === 0 || data.length > LOG_CHUNK_BYTES) this.problem(`a chunk of ${data.length} bytes`);
    if (offset > kept) {
      this.say({ type: 'log_ack', run_id, fence, offset: kept, resend: true });
      return;
    }
    const known = run.log.subarray(offset, offset + data.length);
    if (!known.equals(data.subarray(0, known.length))) this.problem(`other bytes at ${offset} than before`);
    if (run.outcome && known.length < data.length) this.problem('log after the end');
    run.log = Buffer.concat([run.log, data.subarray(known.length)]);
    this.say({ type: 'log_ack', run_id, fence, offset: run.log.length });
  }
}
