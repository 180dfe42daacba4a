import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dateFrom } from '../../base/clock.ts';
import type { Problem } from '../../protocol/api/common.ts';
import { OPERATIONS } from '../../protocol/client.generated.ts';
import { type ScratchServer, startScratch } from '../../server/testing/scratch-server.ts';
import type { Role } from '../../store/schema/base.ts';
import { createApp } from './app.ts';
import { installAuthentication } from './auth.ts';
import type { ApiContext } from './context.ts';

let server: ScratchServer;
const tokens: Partial<Record<Role, string>> = {};

beforeAll(async () => {
  server = await startScratch();
  for (const role of ['viewer', 'submitter', 'operator', 'admin'] as const) tokens[role] = await server.token(role);
});

afterAll(() => server.close());

async function refusal(answer: Response): Promise<[status: number, code: string]> {
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = (await answer.json()) as Problem;
  expect(problem.status).toBe(answer.status);
  expect(problem.next).not.toBe('');
  expect(problem.type).toBe(`urn:groundcrew:error:${problem.code}`);
  return [answer.status, problem.code];
}

/** The least role of every operation: a new one is a decision, made here. */
const NEEDS: Record<keyof typeof OPERATIONS, Role | 'public'> = {
  live: 'public',
  ready: 'public',
  whoAmI: 'viewer',
  createEnterLink: 'viewer',
  leave: 'viewer',
  listTokens: 'admin',
  createToken: 'admin',
  revokeToken: 'admin',
  getDeployment: 'viewer',
  agreeDeployment: 'admin',
  getFleet: 'viewer',
  listLeaks: 'viewer',
  agreeLeaks: 'admin',
  getQueue: 'viewer',
  listDeadItems: 'viewer',
  retryDeadItem: 'operator',
  listNodes: 'viewer',
  getNode: 'viewer',
  listHolds: 'viewer',
  deleteNode: 'operator',
  holdNode: 'operator',
  extendHold: 'submitter',
  releaseHold: 'submitter',
  listRequests: 'viewer',
  getRequest: 'viewer',
  explainRequest: 'viewer',
  uploadCheckout: 'submitter',
  submit: 'submitter',
  cancelSubmission: 'submitter',
  listRuns: 'viewer',
  getRun: 'viewer',
  listRunTests: 'viewer',
  cancelRun: 'submitter',
  getArtifact: 'viewer',
  getLog: 'viewer',
  followLog: 'viewer',
  listProjects: 'viewer',
  listBuilds: 'viewer',
  getBuild: 'viewer',
  compareBuilds: 'viewer',
  findTests: 'viewer',
  testHistory: 'viewer',
  watch: 'viewer',
  exportAll: 'admin',
};
const ROLES: readonly Role[] = ['viewer', 'submitter', 'operator', 'admin'];
const OTHERS = [
  { method: 'GET', path: '/metrics', needs: 'viewer' },
  { method: 'GET', path: '/api/v1/nodes/n-zzzzzzzz/shell', needs: 'submitter' },
] as const;
const ROUTES = [
  ...(Object.keys(NEEDS) as (keyof typeof OPERATIONS)[]).map((name) => ({
    ...{ method: OPERATIONS[name].method, path: OPERATIONS[name].path.replaceAll(/\{\w+\}/g, '1'), needs: NEEDS[name] },
  })),
  ...OTHERS,
];

describe('tokens and roles', () => {
  it.each(ROUTES.filter(({ needs }) => needs !== 'public'))(
    '$method $path needs $needs',
    async ({ method, path, needs }) => {
      const unknown = await server.call(method, path, { token: null });
      expect(await refusal(unknown.clone())).toEqual([401, 'GC1003']);
      expect(((await unknown.json()) as Problem).detail).toContain('none was sent');
      const below = ROLES[ROLES.indexOf(needs as Role) - 1];
      if (below === undefined) return;
      const answer = await server.call(method, path, { token: tokens[below] as string });
      expect(await refusal(answer.clone())).toEqual([403, 'GC1004']);
      const { detail } = (await answer.json()) as Problem;
      expect(detail).toContain(`has the role ${below}`);
      // Said in words, not as an address.
      expect(detail).toMatch(/and "[^/]*" needs /);
    },
  );

  it('the agents’ routes take no token of people', async () => {
    for (const [method, path] of [
      ['GET', '/agent/v1/runs/1/1/checkout'],
      ['PUT', '/agent/v1/runs/1/1/artifact?path=a&kind=result&size=1'],
    ] as const) {
      const headers = { 'x-content-sha256': '0'.repeat(64) };
      expect(await refusal(await server.call(method, path, { token: null, headers }))).toEqual([401, 'GC1901']);
      expect(await refusal(await server.call(method, path, { headers }))).toEqual([401, 'GC1901']);
    }
  });

  it.each([
    ['a wrong one', 'x'.repeat(43), 'is unknown, expired or revoked'],
    ['none after the scheme', '', 'is not of the form "Bearer TOKEN"'],
    ['one with a space', 'a b', 'is not of the form "Bearer TOKEN"'],
    ['a very long one', 'x'.repeat(5000), 'is not of the form "Bearer TOKEN"'],
  ])('refuses %s', async (_name, token, why) => {
    const answer = await server.call('GET', '/api/v1/whoami', { token });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="groundcrew"');
    expect(await refusal(answer.clone())).toEqual([401, 'GC1003']);
    expect(((await answer.json()) as Problem).detail).toContain(why);
  });

  it('a token ends when it expires, and when it is revoked; both are audited', async () => {
    const made = await server.call('POST', '/api/v1/tokens', { body: { name: 'brief', role: 'viewer' } });
    const { token, secret } = (await made.json()) as { token: { id: number }; secret: string };
    expect((await server.call('GET', '/api/v1/whoami', { token: secret })).status).toBe(200);
    expect((await server.call('DELETE', `/api/v1/tokens/${token.id}`)).status).toBe(200);
    expect((await server.call('GET', '/api/v1/whoami', { token: secret })).status).toBe(401);
    expect(await refusal(await server.call('DELETE', `/api/v1/tokens/${token.id}`))).toEqual([409, 'GC1025']);
    const { db } = server.running.services.connection;
    const subject = `token ${token.id}`;
    const audit = await db.selectFrom('audit_log').select(['actor', 'action']).where('subject', '=', subject).execute();
    expect(audit).toEqual([
      { actor: 'admin', action: 'token.create' },
      { actor: 'admin', action: 'token.revoke' },
    ]);
    const lasting = await server.token('viewer');
    await db
      .updateTable('tokens')
      .set({ expires_at: dateFrom(0) })
      .where('name', '=', 'viewer')
      .execute();
    expect((await server.call('GET', '/api/v1/whoami', { token: lasting })).status).toBe(401);
    await db.updateTable('tokens').set({ expires_at: null }).where('name', '=', 'viewer').execute();
  });

  it('answers nobody on a route without a role', async () => {
    // What a forgotten role would be: the hook is what counts, so it is tried on a server of its own.
    const context: ApiContext = {
      ...{ services: server.running.services, version: '', public_url: () => '', dashboard_directory: null },
      ...{ provider_problems: () => new Map(), ending: false },
    };
    const app = await createApp(context);
    installAuthentication(app, context);
    app.get('/forgotten', async () => 'secret');
    const answer = await app.inject({ url: '/forgotten', headers: { authorization: `Bearer ${server.admin}` } });
    expect(answer.statusCode).toBe(403);
    expect(answer.body).not.toContain('"secret"');
    await app.close();
  });
});

/** The name and attributes of the cookie that an answer sets. */
function cookieOf(answer: Response): { pair: string; attributes: string[] } {
  const [pair = '', ...attributes] = (answer.headers.get('set-cookie') ?? '').split('; ');
  return { pair, attributes };
}

async function enterLink(token = server.admin, headers: Record<string, string> = {}): Promise<string> {
  const answer = await server.call('POST', '/api/v1/enter-links', { token, body: {}, headers });
  return ((await answer.json()) as { url: string }).url;
}

async function signIn(token = server.admin): Promise<string> {
  const url = await enterLink(token);
  return cookieOf(await fetch(url, { redirect: 'manual' })).pair;
}

describe('signing a browser in', () => {
  it('works once per link, with a cookie that scripts and other sites do not get', async () => {
    const url = await enterLink();
    expect(url.startsWith(`${server.running.url}/enter/`)).toBe(true);
    // A preview of a link, as chat programs make it, must not spend it.
    const preview = await fetch(url, { method: 'HEAD', redirect: 'manual' });
    expect(preview.status).toBe(405);
    const answer = await fetch(url, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { pair, attributes } = cookieOf(answer);
    expect(attributes).toEqual(['Max-Age=43200', 'Path=/', 'HttpOnly', 'SameSite=Strict']);
    expect(await refusal(await fetch(url, { redirect: 'manual' }))).toEqual([410, 'GC1007']);
    expect((await server.call('GET', '/api/v1/whoami', { token: null, headers: { cookie: pair } })).status).toBe(200);
    const secret = pair.split('=')[1] as string;
    expect((await server.call('GET', '/api/v1/whoami', { token: secret })).status, 'a session is no token').toBe(401);
  });

  it('behind a proxy that encrypts, the link and the cookie say so', async () => {
    const url = await enterLink(server.admin, { 'x-forwarded-proto': 'https' });
    expect(url.startsWith('https://127.0.0.1:')).toBe(true);
    const answer = await server.call('GET', new URL(url).pathname, {
      ...{ token: null, headers: { 'x-forwarded-proto': 'https' } },
    });
    expect(cookieOf(answer).attributes).toContain('Secure');
  });

  it('is too late after the link expired, and impossible with an invented one', async () => {
    const url = await enterLink();
    const { db } = server.running.services.connection;
    await db
      .updateTable('tokens')
      .set({ expires_at: dateFrom(0) })
      .where('kind', '=', 'enter')
      .execute();
    expect(await refusal(await fetch(url, { redirect: 'manual' }))).toEqual([410, 'GC1007']);
    expect(await refusal(await server.call('GET', '/enter/x', { token: null }))).toEqual([410, 'GC1007']);
  });

  it('changes by cookie need the header that no other site can send', async () => {
    const cookie = await signIn();
    const body = { name: 'by cookie', role: 'viewer' };
    const without = await server.call('POST', '/api/v1/tokens', { token: null, headers: { cookie }, body });
    expect(await refusal(without)).toEqual([400, 'GC1005']);
    const headers = { cookie, 'x-groundcrew-client': 'dashboard' };
    expect((await server.call('POST', '/api/v1/tokens', { token: null, headers, body })).status).toBe(201);
    const deletion = await server.call('DELETE', '/api/v1/tokens/1', { token: null, headers: { cookie } });
    expect(await refusal(deletion)).toEqual([400, 'GC1005']);
  });

  it('ends when the person leaves, and when the token behind it is revoked', async () => {
    const look = async (cookie: string): Promise<number> =>
      (await server.call('GET', '/api/v1/whoami', { token: null, headers: { cookie } })).status;
    const cookie = await signIn();
    const other = await signIn();
    const headers = { cookie: `x${other}; ${cookie}`, 'x-groundcrew-client': 'dashboard' };
    const left = await server.call('POST', '/api/v1/leave', { token: null, headers, body: {} });
    expect(left.status).toBe(200);
    expect(cookieOf(left)).toEqual({
      pair: 'groundcrew_session=',
      attributes: ['Max-Age=0', 'Path=/', 'HttpOnly', 'SameSite=Strict'],
    });
    expect([await look(cookie), await look(other)]).toEqual([401, 200]);

    const made = await server.call('POST', '/api/v1/tokens', { body: { name: 'maria', role: 'operator' } });
    const { token, secret } = (await made.json()) as { token: { id: number }; secret: string };
    const session = await signIn(secret);
    const unused = await enterLink(secret);
    expect(await look(session)).toBe(200);
    await server.call('DELETE', `/api/v1/tokens/${token.id}`);
    expect(await look(session)).toBe(401);
    expect((await fetch(unused, { redirect: 'manual' })).status).toBe(410);
  });

  it('never gives a browser more than its person has', async () => {
    const cookie = await signIn(tokens.viewer);
    const headers = { cookie, 'x-groundcrew-client': 'dashboard' };
    const answer = await server.call('POST', '/api/v1/tokens', {
      ...{ token: null, headers, body: { name: 'more', role: 'admin' } },
    });
    expect(await refusal(answer)).toEqual([403, 'GC1004']);
    const again = await server.call('POST', '/api/v1/enter-links', { token: null, headers, body: {} });
    const { url } = (await again.json()) as { url: string };
    const second = cookieOf(await fetch(url, { redirect: 'manual' })).pair;
    const who = await server.call('GET', '/api/v1/whoami', { token: null, headers: { cookie: second } });
    expect(await who.json()).toMatchObject({ role: 'viewer' });
  });
});

it('no secret is ever in the log', () => {
  const text = server.lines.join('');
  expect(text).toContain('request refused');
  for (const secret of [server.admin, ...Object.values(tokens)]) expect(text).not.toContain(secret);
  expect(text).not.toMatch(/groundcrew_session=|\/enter\/[A-Za-z0-9_-]{10}/);
});
