import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { NodeId } from '../../base/ids.ts';
import { insertNode, nodeState } from '../../flow/testing/runs.ts';
import { AGENT_PATHS, type AgentMessage, type NodeFacts, type ServerMessage } from '../../protocol/agent.ts';
import { AGENT_CAPABILITIES, AGENT_VERSIONS } from '../../protocol/agent-versions.ts';
import type { Assignment } from '../../protocol/job.ts';
import { type ScratchServer, until } from './scratch-server.ts';

const FACTS: NodeFacts = {
  ...{ agent_version: 'test', hostname: 'test', kernel: 'test', cores: 1, memory_bytes: 1, isolation: 'none' },
};

/** What today's agents say of their versions. */
export const HELLO_VERSION = {
  ...{ version: AGENT_VERSIONS.newest, oldest_version: AGENT_VERSIONS.oldest, capabilities: AGENT_CAPABILITIES },
};

/** An agent as a test plays it, over the real websocket of the agents' socket. */
export interface PlayedAgent {
  readonly node_id: NodeId;
  readonly socket: WebSocket;
  /** That it registered with. */
  readonly token: string;
  readonly secret: string;
  readonly heard: ServerMessage[];
  say(message: AgentMessage): void;
  /** The first word of this type that is or comes; it is taken away. */
  next<Type extends ServerMessage['type']>(type: Type): Promise<Extract<ServerMessage, { type: Type }>>;
}

/** Dials with a bearer; resolves when the websocket is open, rejects with the status of a refused upgrade. */
export async function dial(server: ScratchServer, bearer: string | null, path: string = AGENT_PATHS.connect) {
  const socket = new WebSocket(`ws://agents${path}`, {
    headers: bearer === null ? {} : { authorization: `Bearer ${bearer}` },
    createConnection: () => connect(join(server.directory, 'data', 'agent', 'socket')),
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('unexpected-response', (_request, response) => {
      socket.terminate();
      reject(new Error(String(response.statusCode)));
    });
    socket.on('error', reject);
  });
  return socket;
}

/** A node that is ready, and its agent. */
export async function playAgent(server: ScratchServer): Promise<PlayedAgent> {
  const { node_id, token } = await insertNode(server.running.services);
  const socket = await dial(server, token);
  const heard: ServerMessage[] = [];
  socket.on('message', (data) => heard.push(JSON.parse(data.toString()) as ServerMessage));
  const say = (message: AgentMessage): void => socket.send(JSON.stringify(message));
  const next: PlayedAgent['next'] = async (type) => {
    const index = await until(`the word "${type}"`, () => {
      const at = heard.findIndex((message) => message.type === type);
      return at < 0 ? null : { at };
    });
    return heard.splice(index.at, 1)[0] as never;
  };
  say({ type: 'hello', ...HELLO_VERSION, facts: FACTS, runs: [], preflight_done: false });
  const { session_secret } = await next('welcome');
  say({
    type: 'preflight',
    ok: true,
    tasks: [{ name: 'disk', outcome: 'ok', tries: 1, duration_ms: 3, detail: 'much' }],
  });
  await until('a node that is ready', async () => {
    return (await nodeState(server.running.services, node_id)) !== 'checking';
  });
  return { node_id, socket, token, secret: session_secret as string, heard, say, next };
}

/** Takes the next run that is handed to it, up to where its payload starts. */
export async function takeRun(agent: PlayedAgent): Promise<Assignment> {
  const assignment = await until('an assignment', async () => (await agent.next('assignments')).assignments[0]);
  const { run_id, fence } = assignment;
  agent.say({ type: 'acknowledge', run_id, fence });
  await agent.next('log_ack');
  return assignment;
}

/** Sends a file of the run. */
export async function putArtifact(
  server: ScratchServer,
  agent: PlayedAgent,
  { run_id, fence }: Assignment,
  file: { path: string; kind: 'artifact' | 'result'; content: string },
): Promise<Response> {
  const content = Buffer.from(file.content);
  const query = new URLSearchParams({
    path: file.path,
    kind: file.kind,
    size: String(content.length),
    format: 'junit',
  });
  return await server.call('PUT', `${AGENT_PATHS.artifact(run_id, fence)}?${query}`, {
    token: agent.secret,
    headers: {
      'content-type': 'application/octet-stream',
      'x-content-sha256': createHash('sha256').update(content).digest('hex'),
    },
    body: new Uint8Array(content),
  });
}

/** Sends a piece of the run's log and waits until it is kept. */
export async function sayLog(agent: PlayedAgent, run: Assignment, offset: number, text: string): Promise<number> {
  const { run_id, fence } = run;
  const data = Buffer.from(text);
  agent.say({ type: 'log', run_id, fence, offset, data_base64: data.toString('base64') });
  await agent.next('log_ack');
  return offset + data.length;
}

/** Says that the payload has ended, and waits until the server has it. */
export async function finishRun(
  agent: PlayedAgent,
  { run_id, fence }: Assignment,
  state: 'passed' | 'failed' = 'passed',
  log_bytes = 0,
): Promise<void> {
  const outcome = {
    state,
    reason: `the steps ${state}`,
    log_bytes,
    durations_ms: { checkout: 1, steps: 2, upload: 3 },
  };
  agent.say({ type: 'finish', run_id, fence, outcome });
  await agent.next('finish_ack');
}
