import { json } from 'node:stream/consumers';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { NodeId } from '../../base/ids.ts';
import { insertNode } from '../../flow/testing/runs.ts';
import { NODE_ACTIONS, NODE_STATES, NODE_TRANSITIONS, type NodeState, UNUSED_STATES } from '../../nodes/state.ts';
import type { Problem } from '../../protocol/api/common.ts';
import { type ScratchServer, startScratch } from '../../server/testing/scratch-server.ts';
import type { Role } from '../../store/schema/base.ts';
import { inAnyState } from '../../store/testing/states.ts';

let server: ScratchServer;

beforeAll(async () => {
  server = await startScratch({ roles: new Set(['api']) });
});

afterAll(() => server.close());

async function token(name: string, role: Role): Promise<string> {
  const made = await server.call('POST', '/api/v1/tokens', { body: { name, role } });
  return ((await made.json()) as { secret: string }).secret;
}

async function nodeIn(state: NodeState): Promise<NodeId> {
  const { node_id } = await insertNode(server.running.services);
  await inAnyState(server.running.services.connection.db, (tx) =>
    sql`update nodes set state = ${state} where id = ${node_id}`.execute(tx),
  );
  return node_id;
}

/** The problem that comes instead of a shell: no agent is connected here, so that none is ever given. */
async function noShell(secret: string, id: NodeId): Promise<Problem> {
  const url = `${server.running.url.replace('http', 'ws')}/api/v1/nodes/${id}/shell`;
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${secret}` } });
  return await new Promise((resolve, reject) => {
    socket.once('unexpected-response', (_request, response) => {
      void json(response).then((problem) => resolve(problem as Problem), reject);
    });
    socket.once('error', reject);
  });
}

describe('a shell', () => {
  it.each(UNUSED_STATES)(
    'on a node that is %s is refused, whoever asks: the next run would find what it leaves',
    async (state) => {
      const id = await nodeIn(state);
      const problem = await noShell(server.admin, id);
      expect(problem).toMatchObject({ status: 409, code: 'GC1403' });
      expect(problem.detail).toContain(`it is ${state}, and the next run would find`);
      expect(problem.next).toContain(`groundcrew node hold ${id}`);
      expect(problem.next.includes('once it is ready')).toBe(state !== 'ready');
    },
  );

  it.each(['assigned', 'running', 'held'] as const)('is allowed on one that is %s', async (state) => {
    const problem = await noShell(server.admin, await nodeIn(state));
    expect(problem).toMatchObject({ status: 409, code: 'GC1009' });
    expect(problem.detail).toContain('it is not connected');
  });

  it.each(['deleting', 'deleted'] as const)('is refused on one that is %s', async (state) => {
    const problem = await noShell(server.admin, await nodeIn(state));
    expect(problem).toMatchObject({ status: 409, code: 'GC1009' });
    expect(problem.detail).toContain(`it is ${state}`);
  });

  it('is never followed by another run: no move leads from a state that allows it back to one that gives nodes out', () => {
    const after = new Set<NodeState>();
    const visit = (state: NodeState): void => {
      for (const next of NODE_TRANSITIONS[state]) {
        if (after.has(next)) continue;
        after.add(next);
        visit(next);
      }
    };
    for (const state of NODE_ACTIONS.shell) visit(state);
    expect(NODE_STATES.filter((state) => after.has(state))).toEqual(['running', 'held', 'deleting', 'deleted']);
    expect(NODE_TRANSITIONS.held).toEqual(['deleting']);
  });
});

describe('a hold', () => {
  it('is its owner’s and its submitter’s to enter, extend and release; others need the role operator', async () => {
    const { db } = server.running.services.connection;
    const owner = await token('olga', 'submitter');
    const submitter = await token('anna', 'submitter');
    const stranger = await token('tom', 'submitter');
    const viewer = await token('olga', 'viewer');
    const job_file = 'project: acme/app\nbuild: "1"\nnodes: jammy\nsteps: ["false"]\n';
    const sent = await server.call('POST', '/api/v1/submissions', { token: submitter, body: { job_file } });
    expect(sent.status).toBe(201);
    const id = await nodeIn('held');
    await sql`insert into holds (node_id, run_id, owner, reason, expires_at)
      select ${id}, max(id), 'olga', 'it failed', groundcrew_now() + interval '1 h' from runs`.execute(db);
    const act = async (secret: string, action: 'extend' | 'release'): Promise<[number, string | null]> => {
      const body = action === 'extend' ? { body: {} } : {};
      const answer = await server.call('POST', `/api/v1/nodes/${id}/${action}`, { token: secret, ...body });
      const problem = (await answer.json()) as Partial<Problem>;
      return [answer.status, problem.detail ?? null];
    };
    for (const secret of [owner, submitter, await token('otto', 'operator')]) {
      expect(await act(secret, 'extend')).toEqual([200, null]);
      expect(await noShell(secret, id)).toMatchObject({ code: 'GC1009' });
    }
    const refused = expect.stringContaining('needs operator, unless the node is held for you');
    for (const action of ['extend', 'release'] as const) expect(await act(stranger, action)).toEqual([403, refused]);
    expect(await noShell(stranger, id)).toMatchObject({ status: 403, code: 'GC1004', detail: refused });
    expect(await noShell(viewer, id)).toMatchObject({ status: 403, code: 'GC1004' });
    expect((await act(viewer, 'release'))[0]).toBe(403);
    expect(await act(submitter, 'release')).toEqual([200, null]);
    // It is nobody's any more.
    expect(await act(owner, 'extend')).toEqual([403, refused]);
    expect(await noShell(owner, id)).toMatchObject({ status: 403, code: 'GC1004' });
  });
});

it('a node that was deleted by hand says who did it', async () => {
  const id = await nodeIn('ready');
  expect((await server.call('DELETE', `/api/v1/nodes/${id}`)).status).toBe(200);
  const { sentence } = (await (await server.call('GET', `/api/v1/nodes/${id}`)).json()) as { sentence: string };
  expect(sentence).toMatch(/ is being deleted since .* because admin deleted it by hand\.$/);
});
