import { Compile } from 'typebox/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../protocol/client.generated.ts';
import { listDead } from '../../queue/store/dead.ts';
import { claimItems, enqueue, failItem } from '../../queue/store/items.ts';
import { EMPTY_ARCHIVE, type FilledRun, fillRun, jobFile, submitRun } from '../../server/testing/filled.ts';
import { playAgent } from '../../server/testing/played-agent.ts';
import { type CallOptions, type ScratchServer, startScratch } from '../../server/testing/scratch-server.ts';

interface Answer {
  content?: Record<string, { schema: object }>;
}
interface Operation {
  operationId: string;
  security?: object[];
  description: string;
  responses: Record<string, Answer>;
}
type Paths = Record<string, Record<string, Operation>>;

let server: ScratchServer;
let paths: Paths;
let first: FilledRun;
let second: FilledRun;
let waiting: Omit<FilledRun, 'log'>;
let artifact: number;
let held: string;

beforeAll(async () => {
  server = await startScratch();
  first = await fillRun(server, '1', { fails: true, more: 'on_failure: {hold: 8h, keys: [me]}' });
  second = await fillRun(server, '2');
  waiting = await submitRun(server, jobFile('3').replace('nodes: jammy', 'nodes: jammy && x86_64'));
  const detail = (await (await server.call('GET', `/api/v1/runs/${first.run_id}`)).json()) as {
    artifacts: { id: number }[];
    hold: { node_id: string };
  };
  artifact = detail.artifacts[0]?.id as number;
  held = detail.hold.node_id;
  const description = await server.call('GET', '/api/openapi.json', { token: null });
  paths = ((await description.json()) as { paths: Paths }).paths;
});

afterAll(() => server.close());

type Call = CallOptions & { path?: Record<string, string | number>; query?: string };

/** An item of a kind that nobody handles, failed for good. */
async function makeDeadItem(): Promise<number> {
  const { db } = server.running.services.connection;
  await enqueue(db, { lane: 'notify', kind: 'nobody', key: 'a', payload: {} });
  const [item] = await claimItems(db, { lane: 'notify', kinds: ['nobody'], worker: 'test', limit: 1 });
  if (item !== undefined) await failItem(db, item, { error: 'nobody knows how', retry_in_ms: null });
  const [dead] = await listDead(db, 1);
  return dead?.id as number;
}

/** How each operation is called so that it succeeds, in an order in which it does. */
const CALLS: Record<keyof typeof OPERATIONS, () => Call | Promise<Call>> = {
  live: () => ({ token: null }),
  ready: () => ({ token: null }),
  whoAmI: () => ({}),
  createEnterLink: () => ({ body: {} }),
  leave: () => ({ body: {} }),
  listTokens: () => ({}),
  createToken: () => ({ body: { name: 'ci', role: 'viewer', expires_in_ms: 60_000 } }),
  revokeToken: async () => {
    const made = await server.call('POST', '/api/v1/tokens', { body: { name: 'short', role: 'viewer' } });
    return { path: { id: ((await made.json()) as { token: { id: number } }).token.id } };
  },
  getDeployment: () => ({}),
  agreeDeployment: () => ({ body: {} }),
  getFleet: () => ({}),
  listLeaks: () => ({ path: { provider: 'local' } }),
  agreeLeaks: () => ({ path: { provider: 'local' }, body: { external_ids: ['not-there'] } }),
  getQueue: () => ({}),
  listDeadItems: async () => {
    await makeDeadItem();
    return { query: 'limit=10' };
  },
  retryDeadItem: async () => ({ path: { id: await makeDeadItem() } }),
  listNodes: () => ({ query: 'state=held,ready,deleting&label=jammy&provider=local' }),
  getNode: () => ({ path: { id: held } }),
  listHolds: () => ({}),
  holdNode: async () => ({ path: { id: (await playAgent(server)).node_id }, body: { duration_ms: 60_000 } }),
  extendHold: () => ({ path: { id: held }, body: { duration_ms: 120_000, reason: 'still looking' } }),
  releaseHold: () => ({ path: { id: held }, body: {} }),
  deleteNode: async () => ({ path: { id: (await playAgent(server)).node_id } }),
  listRequests: () => ({ query: 'state=waiting,fulfilled,refused,cancelled' }),
  getRequest: () => ({ path: { id: 'r-1' } }),
  explainRequest: () => ({ path: { id: 'r-1' } }),
  uploadCheckout: () => ({ headers: { 'content-type': 'application/gzip' }, body: EMPTY_ARCHIVE }),
  submit: () => ({ body: { job_file: jobFile('4'), file: 'job.yaml', variables: {} } }),
  cancelSubmission: () => ({ path: { id: waiting.submission_id }, body: { reason: 'not wanted' } }),
  listRuns: () => ({ query: 'project=acme/widget&verdict=failed&limit=10' }),
  getRun: () => ({ path: { id: first.run_id } }),
  listRunTests: () => ({ path: { id: first.run_id }, query: 'text=WRIT&status=fail' }),
  cancelRun: async () => {
    const { run_id } = await submitRun(server, jobFile('5'));
    return { path: { id: run_id }, body: {} };
  },
  getArtifact: () => ({ path: { id: first.run_id, artifact } }),
  getLog: () => ({ path: { id: first.run_id }, query: 'offset=4&limit=10' }),
  followLog: () => ({ path: { id: first.run_id } }),
  listProjects: () => ({}),
  listBuilds: () => ({ query: 'project=acme/widget' }),
  getBuild: () => ({ path: { id: second.build_id } }),
  compareBuilds: () => ({ query: 'project=acme/widget&from=1&to=2' }),
  findTests: () => ({ query: 'project=acme/widget&text=write' }),
  testHistory: () => ({ query: 'project=acme/widget&suite=parser&name=writes' }),
  watch: () => ({}),
  exportAll: () => ({}),
};

/** Nothing may be served that is not described. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  return 'properties' in copy && !('additionalProperties' in copy) ? { ...copy, additionalProperties: false } : copy;
}

function urlOf(template: string, { path = {}, query = '' }: Call): string {
  return template.replace(/\{(\w+)\}/g, (_whole, name: string) => String(path[name])) + (query && `?${query}`);
}

describe('the API description', () => {
  it('names every operation that the client knows, and those alone', () => {
    const described = Object.values(paths).flatMap((methods) => Object.values(methods).map((one) => one.operationId));
    expect(described.toSorted()).toEqual(Object.keys(OPERATIONS).toSorted());
    expect(Object.keys(CALLS).toSorted()).toEqual(described.toSorted());
  });

  it.each(Object.keys(CALLS) as (keyof typeof OPERATIONS)[])('says what %s serves', async (name) => {
    const { method, path } = OPERATIONS[name];
    const call = await CALLS[name]();
    const answer = await server.call(method, urlOf(path, call), call);
    const type = (answer.headers.get('content-type') ?? '').split(';', 1)[0] as string;
    const operation = paths[path]?.[method.toLowerCase()];
    const responses = operation?.responses ?? {};
    // A stream of events has no end of its own.
    if (name === 'watch') await answer.body?.cancel();
    const text = name === 'watch' ? '' : await answer.text();
    expect(Object.keys(responses), text).toContain(String(answer.status));
    expect(answer.status).toBeLessThan(300);
    const schema = responses[answer.status]?.content?.[type]?.schema;
    expect(schema, `a schema for ${type}`).toBeDefined();
    if (type !== 'application/json') return;
    const body: unknown = JSON.parse(text);
    const check = Compile(strict(schema) as object);
    expect(check.Errors(body)[1]).toEqual([]);
    expect(check.Check(body)).toBe(true);
  });

  it('describes problems as they are sent, and who may call', async () => {
    const operation = paths['/api/v1/nodes/{id}/hold']?.post as Operation;
    expect(operation.description).toBe('Needs the role operator.');
    expect(paths['/health/live']?.get?.security).toEqual([]);
    const answer = await server.call('POST', '/api/v1/nodes/n-zzzzzzzz/hold', { body: {} });
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const schema = operation.responses.default?.content?.['application/problem+json']?.schema as object;
    expect(Compile(strict(schema) as object).Check(await answer.json())).toBe(true);
  });
});
