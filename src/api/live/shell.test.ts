import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { ServerMessage } from '../../protocol/agent.ts';
import { type PlayedAgent, playAgent } from '../../server/testing/played-agent.ts';
import { type ScratchServer, startScratch, until } from '../../server/testing/scratch-server.ts';

let server: ScratchServer;

beforeAll(async () => {
  server = await startScratch();
});

afterAll(() => server.close());

/** A person's shell on the agent's node, and what the agent calls it. */
async function openShell(agent: PlayedAgent): Promise<{ person: WebSocket; shell_id: string }> {
  const url = `${server.running.url.replace('http', 'ws')}/api/v1/nodes/${agent.node_id}/shell?command=cat`;
  const person = new WebSocket(url, { headers: { authorization: `Bearer ${server.admin}` } });
  const { shell_id } = await agent.next('shell_open');
  await until('an open websocket', () => person.readyState === WebSocket.OPEN);
  return { person, shell_id };
}

it('lets whoever types wait for a shell that takes nothing, and go on when it does', async () => {
  const agent = await playAgent(server);
  expect((await server.call('POST', `/api/v1/nodes/${agent.node_id}/hold`, { body: {} })).status).toBe(200);
  const heard = new Map<string, number>();
  agent.socket.on('message', (data) => {
    const word = JSON.parse(data.toString()) as ServerMessage;
    if (word.type !== 'shell_input') return;
    const bytes = Buffer.from(word.data_base64, 'base64').length;
    heard.set(word.shell_id, (heard.get(word.shell_id) ?? 0) + bytes);
  });
  const fast = await openShell(agent);
  const slow = await openShell(agent);
  const piece = Buffer.alloc(2 ** 16, 'x');
  for (let count = 0; count < 256; count++) slow.person.send(piece);
  const most_bytes = 2 ** 20 + piece.length;
  await until('as much as may wait', () => (heard.get(slow.shell_id) ?? 0) >= most_bytes);
  // Meanwhile others are heard.
  for (let count = 1; count <= 20; count++) {
    fast.person.send('x');
    await until('the other shell', () => heard.get(fast.shell_id) === count);
  }
  // What had come in with the last piece is not held back.
  expect(heard.get(slow.shell_id)).toBeLessThan(most_bytes + 4 * piece.length);
  let taken = 0;
  await until('all of it', () => {
    const bytes = (heard.get(slow.shell_id) ?? 0) - taken;
    if (bytes > 0) agent.say({ type: 'shell_taken', shell_id: slow.shell_id, bytes });
    taken += bytes;
    return taken === 256 * piece.length;
  });
  for (const { person } of [fast, slow]) person.terminate();
});
