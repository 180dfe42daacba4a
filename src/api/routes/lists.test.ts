import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dateFrom } from '../../base/clock.ts';
import { insertNode } from '../../flow/testing/runs.ts';
import { fillRun, jobFile, submitRun } from '../../server/testing/filled.ts';
import { type ScratchServer, startScratch } from '../../server/testing/scratch-server.ts';
import { inAnyState } from '../../store/testing/states.ts';

let server: ScratchServer;
let filled: Awaited<ReturnType<typeof fillRun>>;

beforeAll(async () => {
  server = await startScratch();
  filled = await fillRun(server, 'filled', { fails: true });
});

afterAll(() => server.close());

interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

async function read<Item>(path: string): Promise<Page<Item>> {
  const answer = await server.call('GET', path);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Page<Item>;
}

/** Every item of a list, page by page; something is added between the pages. */
async function walk<Item>(path: string, add: (page: number) => Promise<unknown>): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  for (let page = 0; page === 0 || cursor !== null; page++) {
    const more: string = cursor === null ? '' : `&cursor=${cursor}`;
    const found: Page<Item> = await read<Item>(`${path}${path.includes('?') ? '&' : '?'}limit=2${more}`);
    expect(found.items.length).toBeLessThanOrEqual(2);
    items.push(...found.items);
    cursor = found.next_cursor;
    await add(page);
  }
  return items;
}

const unfit = (build: string): string => jobFile(build).replace('nodes: jammy', 'nodes: jammy && nowhere');

describe('pages', () => {
  it('of runs, builds and requests visit what was there exactly once, while more comes', async () => {
    for (let build = 1; build <= 4; build++) await submitRun(server, unfit(`paged-${build}`));
    for (const [path, key] of [
      ['/api/v1/runs', 'id'],
      ['/api/v1/builds', 'build_id'],
      ['/api/v1/requests', 'id'],
    ] as const) {
      const before = (await read<Record<string, unknown>>(`${path}?limit=500`)).items.map((item) => item[key]);
      const walked = await walk<Record<string, unknown>>(path, (page) =>
        submitRun(server, unfit(`${key}-${path}-${page}`)),
      );
      expect(walked.map((item) => item[key])).toEqual(before);
    }
  });

  it('of nodes made in the same microsecond', async () => {
    for (let made = 0; made < 5; made++) await insertNode(server.running.services);
    const { db } = server.running.services.connection;
    await db
      .updateTable('nodes')
      .set({ created_at: dateFrom(1_767_225_600_000) })
      .execute();
    const before = (await read<{ id: string }>('/api/v1/nodes?limit=500')).items.map(({ id }) => id);
    const walked = await walk<{ id: string }>('/api/v1/nodes', () => insertNode(server.running.services));
    expect(walked.map(({ id }) => id)).toEqual(before);
    expect(new Set(before).size).toBeGreaterThanOrEqual(5);
  });

  it('of projects, by name', async () => {
    for (const name of ['b/two', 'a/one', 'c/three']) {
      await submitRun(server, unfit('1').replace('acme/widget', name));
    }
    const walked = await walk<{ slug: string }>('/api/v1/projects', () =>
      submitRun(server, unfit('1').replace('acme/widget', 'a/before')),
    );
    expect(walked.map(({ slug }) => slug)).toEqual(['a/one', 'acme/widget', 'b/two', 'c/three']);
  });

  it('of the tests of a run, and not with the cursor of another run', async () => {
    const tests = `/api/v1/runs/${filled.run_id}/tests`;
    const first = await read<{ name: string }>(`${tests}?limit=1`);
    const second = await read<{ name: string }>(`${tests}?limit=1&cursor=${first.next_cursor}`);
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(['reads', 'writes']);
    expect(second.next_cursor).toBeNull();
    const other = await server.call('GET', `/api/v1/runs/${filled.run_id + 1}/tests?cursor=${first.next_cursor}`);
    expect([other.status, ((await other.json()) as { code: string }).code]).toEqual([400, 'GC1708']);
  });
});

describe('filters', () => {
  it('of runs: project, build, state, verdict, node', async () => {
    const ids = async (query: string): Promise<number[]> =>
      (await read<{ id: number }>(`/api/v1/runs?limit=500&${query}`)).items.map(({ id }) => id);
    expect(await ids('build=filled')).toEqual([filled.run_id]);
    expect(await ids('verdict=failed')).toEqual([filled.run_id]);
    expect(await ids(`node=${filled.agent.node_id}`)).toEqual([filled.run_id]);
    expect(await ids('project=acme/widget&verdict=timeout')).toEqual([]);
    expect(await ids('state=finished&verdict=passed,failed')).toEqual([filled.run_id]);
    expect(await ids('state=')).toEqual(await ids(''));
  });

  it('of nodes: label, provider, state, with those that are gone only when asked for', async () => {
    const { db } = server.running.services.connection;
    const { node_id } = await insertNode(server.running.services);
    await inAnyState(db, (tx) => tx.updateTable('nodes').set({ state: 'deleted' }).where('id', '=', node_id).execute());
    const ids = async (query: string): Promise<string[]> =>
      (await read<{ id: string }>(`/api/v1/nodes?limit=500&${query}`)).items.map(({ id }) => id);
    expect(await ids('state=deleted')).toEqual([node_id]);
    expect(await ids('label=jammy')).not.toContain(node_id);
    expect(await ids('label=noble')).toEqual([]);
    expect(await ids('provider=rax')).toEqual([]);
  });

  it('of requests: a label that they name, among all there are', async () => {
    const { db } = server.running.services.connection;
    for (const expression of ['arm64', 'jammy && !(arm||gpu)', 'arm-big', 'jammy']) {
      const request = { expressions: ['noble', expression], requester: 'test', state: 'fulfilled' as const };
      await inAnyState(db, (tx) => tx.insertInto('requests').values(request).execute());
    }
    const found = await read<{ expressions: string[] }>('/api/v1/requests?label=arm&limit=1');
    expect(found.items.map(({ expressions }) => expressions[1])).toEqual(['jammy && !(arm||gpu)']);
    expect(found.next_cursor).toBeNull();
    expect((await read('/api/v1/requests?label=noble')).items).toHaveLength(4);
    expect((await read('/api/v1/requests?label=noble&state=waiting')).items).toEqual([]);
  });

  it('of builds: project and version', async () => {
    const found = await read<{ version: string }>('/api/v1/builds?project=acme/widget&version=filled');
    expect(found.items.map(({ version }) => version)).toEqual(['filled']);
  });

  it('of builds: a row says in short what the build says itself', async () => {
    const { items } = await read<Record<string, unknown>>('/api/v1/builds?project=acme/widget&version=filled');
    const answer = await server.call('GET', `/api/v1/builds/${filled.build_id}`);
    const { build, environments, verdict, counts, tests, baseline } = (await answer.json()) as Record<
      string,
      unknown
    > & {
      build: object;
      environments: Record<string, unknown>[];
    };
    const short = environments.map(({ environment, verdict, counts, tests }) => ({
      ...{ environment, verdict, counts, tests },
    }));
    const expected = { project: 'acme/widget', ...build, environments: short, verdict, counts, tests };
    expect(items).toEqual([{ ...expected, baseline }]);
    expect(items[0]).toMatchObject({ verdict: 'failed', tests: 2, counts: { pass: 1, fail: 1 }, baseline: null });
  });
});

describe('entity tags', () => {
  it('an answer that a client has already is not sent again', async () => {
    const path = `/api/v1/runs/${filled.run_id}`;
    const first = await server.call('GET', path);
    const tag = first.headers.get('etag') as string;
    expect(tag).toMatch(/^W\/"[\w-]{27}"$/);
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    const again = await server.call('GET', path, { headers: { 'if-none-match': `"other", ${tag}` } });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', tag]);
    const other = await server.call('GET', path, { headers: { 'if-none-match': 'W/"other"' } });
    expect(other.status).toBe(200);
    const without = await server.call('GET', path, { token: null, headers: { 'if-none-match': tag } });
    expect(without.status).toBe(401);
  });
});

describe('submitting', () => {
  it('the same work with the same key is made once, however often and however fast it is sent', async () => {
    const send = (build: string): Promise<Response> =>
      server.call('POST', '/api/v1/submissions', {
        ...{ headers: { 'idempotency-key': 'key-1' }, body: { job_file: unfit(build) } },
      });
    const answers = await Promise.all([send('once'), send('once'), send('once')]);
    const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as { id: number }[];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(bodies.map(({ id }) => id)).size).toBe(1);
    const other = await send('something else');
    expect([other.status, ((await other.json()) as { code: string }).code]).toEqual([409, 'GC1640']);
  });

  it('cancels what is left, and does nothing more when nothing is', async () => {
    const { submission_id, run_id } = await submitRun(server, jobFile('cancelled'));
    const cancel = (): Promise<Response> =>
      server.call('POST', `/api/v1/submissions/${submission_id}/cancel`, { body: {} });
    const first = (await (await cancel()).json()) as { cancelled: number[] };
    expect(first.cancelled).toEqual([run_id]);
    expect(await (await cancel()).json()).toEqual({ done: true, cancelled: [] });
    const answer = await server.call('GET', `/api/v1/runs/${run_id}`);
    const { run } = (await answer.json()) as { run: { verdict: string; submission_id: number } };
    expect(run.submission_id).toBe(submission_id);
    expect(run.verdict).toBe('cancelled');
  });
});

describe('observing', () => {
  it('is shown, and ends when an admin agrees, which is audited once', async () => {
    const { db } = server.running.services.connection;
    await db.updateTable('deployment').set({ observing: true }).execute();
    expect(await (await server.call('GET', '/api/v1/fleet')).json()).toMatchObject({ observing: true });
    expect(await (await server.call('GET', '/api/v1/deployment')).json()).toMatchObject({ observing: true });
    for (let times = 0; times < 2; times++) {
      const agreed = await server.call('POST', '/api/v1/deployment/agree');
      expect(await agreed.json()).toEqual({ id: server.running.services.deployment.id, observing: false });
    }
    expect(await (await server.call('GET', '/api/v1/fleet')).json()).toMatchObject({ observing: false });
    const audit = await db.selectFrom('audit_log').select('actor').where('action', '=', 'deployment.agree').execute();
    expect(audit).toEqual([{ actor: 'admin' }]);
  });
});
