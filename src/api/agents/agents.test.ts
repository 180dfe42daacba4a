import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { insertNode, nodeState } from '../../flow/testing/runs.ts';
import type { Problem } from '../../protocol/api/common.ts';
import { fillRun, jobFile, submitRun } from '../../server/testing/filled.ts';
import {
  dial,
  finishRun,
  HELLO_VERSION,
  type PlayedAgent,
  playAgent,
  putArtifact,
  sayLog,
  takeRun,
} from '../../server/testing/played-agent.ts';
import { type ScratchServer, startScratch, until } from '../../server/testing/scratch-server.ts';
import { inAnyState } from '../../store/testing/states.ts';

let server: ScratchServer;

beforeAll(async () => {
  server = await startScratch();
});

// Runs go to the agent of their own test.
afterEach(async () => {
  const { db } = server.running.services.connection;
  await inAnyState(db, (tx) =>
    tx.updateTable('nodes').set({ state: 'deleted' }).where('state', '<>', 'held').execute(),
  );
});

afterAll(() => server.close());

function closed(socket: WebSocket): Promise<[code: number, reason: string]> {
  return new Promise((resolve) => socket.once('close', (code, reason) => resolve([code, reason.toString()])));
}

/** A plain request to the agents' socket. */
function onAgentSocket(method: string, path: string, bearer = 'x'): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const socketPath = join(server.directory, 'data', 'agent', 'socket');
    const options = { socketPath, method, path, headers: { authorization: `Bearer ${bearer}` } };
    const sent = request(options, (response) => {
      let text = '';
      response.on('data', (data) => {
        text += String(data);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('letting agents in', () => {
  it.each([
    ['no bearer', null],
    ['an unknown one', 'x'.repeat(43)],
    ['one that is not a word', 'a b c'],
  ])('refuses %s with 401 to the upgrade', async (_name, bearer) => {
    await expect(dial(server, bearer)).rejects.toThrow('401');
  });

  it('refuses the admin’s token, and a registration token the second time', async () => {
    await expect(dial(server, server.admin)).rejects.toThrow('401');
    const { token } = await playAgent(server);
    await expect(dial(server, token)).rejects.toThrow('401');
  });

  it('a request that is no upgrade does not spend the token', async () => {
    const { token } = await insertNode(server.running.services);
    expect((await onAgentSocket('GET', '/agent/v1/connect', token)).status).toBe(400);
    (await dial(server, token)).terminate();
  });

  it('comes back with its session’s secret; the older connection ends', async () => {
    const agent = await playAgent(server);
    const end = closed(agent.socket);
    const again = await dial(server, agent.secret);
    agent.say({ type: 'heartbeat' });
    expect(await end).toEqual([4000, 'a newer connection of this agent took over']);
    again.terminate();
  });

  it('its socket serves the agents’ routes alone, also to an admin', async () => {
    for (const path of ['/api/v1/whoami', '/api/openapi.json', '/health/live', '/metrics', '/', '/enter/x']) {
      expect((await onAgentSocket('GET', path, server.admin)).status, path).toBe(404);
    }
    const path = '/api/v1/nodes/n-zzzzzzzz/shell';
    await expect(dial(server, server.admin, path)).rejects.toThrow('404');
  });
});

describe('what agents say', () => {
  it.each([
    ['no JSON', 'nonsense', 1007],
    ['JSON that is no word', '[1,2,3]', 1007],
    ['bytes', Buffer.from('{"type":"pull"}'), 1007],
    ['a word of an unknown type', '{"type":"sing"}', 4000],
    ['a word that does not fit', '{"type":"log","run_id":"x"}', 4000],
  ])('%s ends the connection', async (_name, frame, code) => {
    const { socket } = await playAgent(server);
    const end = closed(socket);
    socket.send(frame);
    expect((await end)[0]).toBe(code);
  });

  it('before hello, too', async () => {
    const { token } = await insertNode(server.running.services);
    const socket = await dial(server, token);
    const end = closed(socket);
    socket.send('{"type":"pull"}');
    expect(await end).toEqual([4000, 'the first word of an agent is hello']);
  });

  it('a frame that is too large ends the connection', async () => {
    const { socket } = await playAgent(server);
    const end = closed(socket);
    socket.send('x'.repeat(2 * 2 ** 20));
    expect((await end)[0]).toBe(1009);
  });

  it('a flood of nonsense ends one connection and disturbs nobody', async () => {
    const [bad, good] = [await playAgent(server), await playAgent(server)];
    const end = closed(bad.socket);
    for (let frames = 0; frames < 20_000; frames++) bad.socket.send('{"type":');
    expect((await end)[0]).toBe(1007);
    good.say({ type: 'pull' });
    expect(await good.next('assignments')).toMatchObject({ assignments: [] });
    const complaints = server.lines.filter((line) => line.includes(bad.node_id) && line.includes('"warn"'));
    expect(complaints.length).toBeLessThan(3);
  });

  it('a flood of words is taken in order, as fast as it can be handled', async () => {
    const { run_id } = await submitRun(server, jobFile('flood'));
    const agent = await playAgent(server);
    const assignment = await takeRun(agent);
    const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}\n`);
    let offset = 0;
    for (const line of lines) {
      const data_base64 = Buffer.from(line).toString('base64');
      agent.say({ type: 'log', run_id: assignment.run_id, fence: assignment.fence, offset, data_base64 });
      offset += line.length;
    }
    const kept = await until('all of it', () =>
      agent.heard.findLast((word) => word.type === 'log_ack' && word.offset === offset),
    );
    expect(kept).toMatchObject({ run_id });
    expect(agent.heard.filter((word) => word.type === 'log_ack' && word.resend)).toEqual([]);
    await finishRun(agent, assignment, 'passed', offset);
    const log = await (await server.call('GET', `/api/v1/runs/${run_id}/log`)).text();
    expect(log).toBe(lines.join(''));
  });

  it('after a word that failed nothing more is taken on that connection', async () => {
    const { run_id } = await submitRun(server, jobFile('failed word'));
    const agent = await playAgent(server);
    const assignment = await takeRun(agent);
    const end = closed(agent.socket);
    agent.socket.send('{"type":"log","run_id":0}');
    const outcome = { state: 'passed', reason: '', log_bytes: 0, durations_ms: {} } as const;
    agent.say({ type: 'finish', run_id: assignment.run_id, fence: assignment.fence, outcome });
    await end;
    const { run } = (await (await server.call('GET', `/api/v1/runs/${run_id}`)).json()) as { run: { state: string } };
    expect(run.state).toBe('running');
    const again: PlayedAgent = { ...agent, socket: await dial(server, agent.secret) };
    again.socket.on('message', (data) => again.heard.push(JSON.parse(data.toString())));
    again.say = (message) => again.socket.send(JSON.stringify(message));
    const facts = { ...{ agent_version: '', hostname: '', kernel: '', cores: 1, memory_bytes: 1 }, isolation: 'none' };
    const run_of_it = { run_id: assignment.run_id, fence: assignment.fence };
    again.say({ type: 'hello', ...HELLO_VERSION, facts, runs: [run_of_it], preflight_done: true });
    await finishRun(again, assignment);
  });
});

describe('what agents send', () => {
  it('wrong hashes, wrong sizes, evil paths and stale fences are refused, and nothing is kept', async () => {
    const { run_id } = await submitRun(server, jobFile('uploads'));
    const agent = await playAgent(server);
    const run = await takeRun(agent);
    const { fence } = run;
    const put = async (query: string, headers: Record<string, string>, body = 'four'): Promise<[number, string]> => {
      const answer = await server.call('PUT', `/agent/v1/runs/${run_id}/${fence}/artifact?${query}`, {
        ...{ token: agent.secret, headers: { 'content-type': 'application/octet-stream', ...headers }, body },
      });
      return [answer.status, ((await answer.json()) as Problem).code];
    };
    const hash = { 'x-content-sha256': '0'.repeat(64) };
    expect(await put('path=a&kind=artifact&size=4', hash)).toEqual([422, 'GC1222']);
    expect(await put('path=a&kind=artifact&size=4', {})).toEqual([400, 'GC1005']);
    expect(await put('path=a&kind=artifact&size=4', { 'x-content-sha256': 'nonsense' })).toEqual([400, 'GC1005']);
    expect(await put('path=../a&kind=artifact&size=4', hash)).toEqual([400, 'GC1643']);
    expect(await put('path=a%00b&kind=artifact&size=4', hash)).toEqual([400, 'GC1005']);
    expect(await put('path=a&kind=secret&size=4', hash)).toEqual([400, 'GC1005']);
    expect(await put('path=a&kind=artifact&size=99999999999999', hash)).toEqual([413, 'GC1644']);
    const stale = await putArtifact(
      server,
      agent,
      { ...run, fence: fence + 1 },
      { path: 'a', kind: 'artifact', content: 'x' },
    );
    expect(stale.status).toBe(410);
    const { artifacts } = (await (await server.call('GET', `/api/v1/runs/${run_id}`)).json()) as {
      artifacts: unknown[];
    };
    expect(artifacts).toEqual([]);
    const ok = await putArtifact(server, agent, run, { path: 'a', kind: 'artifact', content: 'x' });
    expect(ok.status).toBe(204);
    await sayLog(agent, run, 0, 'x');
    await finishRun(agent, run, 'passed', 1);
  });

  it('a failed run that is to be held keeps its node', async () => {
    const { agent } = await fillRun(server, 'held', { fails: true, more: 'on_failure: {hold: 8h, keys: [me]}' });
    expect(await nodeState(server.running.services, agent.node_id)).toBe('held');
  });
});
