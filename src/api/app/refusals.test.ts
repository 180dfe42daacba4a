import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../../protocol/api/common.ts';
import { type CallOptions, type ScratchServer, startScratch } from '../../server/testing/scratch-server.ts';
import { encodeCursor } from './paging.ts';

let server: ScratchServer;

beforeAll(async () => {
  server = await startScratch();
});

afterAll(() => server.close());

async function problem(method: string, path: string, options: CallOptions = {}): Promise<Problem> {
  const answer = await server.call(method, path, options);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const body = (await answer.json()) as Problem;
  expect(body.status).toBe(answer.status);
  return body;
}

const json = { 'content-type': 'application/json' };
const HUGE = '99999999999999999999';

describe('what there is not', () => {
  it.each([
    ['GET', '/api/v1/nodes/n-zzzzzzzz'],
    ['GET', '/api/v1/nodes/nonsense'],
    ['DELETE', '/api/v1/nodes/n-zzzzzzzz'],
    ['GET', '/api/v1/requests/r-999'],
    ['GET', '/api/v1/requests/r-999/explain'],
    ['GET', '/api/v1/requests/nonsense'],
    ['GET', '/api/v1/runs/999'],
    ['GET', '/api/v1/runs/0'],
    ['GET', `/api/v1/runs/${HUGE}`],
    ['GET', '/api/v1/runs/999/tests'],
    ['GET', '/api/v1/runs/999/log'],
    ['GET', '/api/v1/runs/999/log/stream'],
    ['GET', '/api/v1/runs/999/artifacts/1'],
    ['GET', '/api/v1/builds/999'],
    ['GET', '/api/v1/runs?project=no/project'],
    ['GET', '/api/v1/builds?project=no/project&version=1'],
    ['GET', '/api/v1/compare?project=no/project&to=1'],
    ['GET', '/api/v1/tests?project=no/project&text=x'],
    ['GET', '/api/v1/tests/history?project=no/project&suite=a&name=b'],
    ['DELETE', '/api/v1/tokens/999'],
  ])('%s %s is GC1002', async (method, path) => {
    expect(await problem(method, path)).toMatchObject({ status: 404, code: 'GC1002' });
  });

  it.each([
    ['/api/v1/nodes/n-zzzzzzzz/hold', {}],
    ['/api/v1/nodes/n-zzzzzzzz/extend', {}],
    ['/api/v1/nodes/n-zzzzzzzz/release', {}],
    ['/api/v1/runs/999/cancel', {}],
    ['/api/v1/submissions/999/cancel', {}],
    ['/api/v1/submissions', { job_file: 'x', checkout: `checkouts/${'a'.repeat(20)}.tar.gz` }],
    ['/api/v1/submissions', { job_file: 'x', checkout: '../../client.json' }],
  ])('POST %s is GC1002', async (path, body) => {
    expect(await problem('POST', path, { body })).toMatchObject({ status: 404, code: 'GC1002' });
  });

  it('says what is at an address, and for which methods', async () => {
    expect(await problem('GET', '/api/v1/nothing')).toMatchObject({ status: 404, code: 'GC1020' });
    expect(await problem('GET', '/nothing', { token: null })).toMatchObject({ status: 404, code: 'GC1020' });
    expect(await problem('PUT', '/api/v1/nodes/n-1')).toMatchObject({
      ...{ status: 405, code: 'GC1019', detail: 'Cannot PUT /api/v1/nodes/n-1: only GET, DELETE.' },
    });
    const answer = await server.call('POST', '/api/v1/runs', { body: {} });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
    // Making a backup to answer with its headers alone would be a waste.
    expect((await server.call('HEAD', '/api/v1/export')).status).toBe(405);
    expect((await server.call('HEAD', '/health/ready', { token: null })).status).toBe(200);
  });
});

describe('what does not fit', () => {
  it.each([
    ['/api/v1/runs?limit=0', '"limit" must be >= 1'],
    ['/api/v1/runs?limit=501', '"limit" must be <= 500'],
    ['/api/v1/runs?limit=many', '"limit" must be integer'],
    ['/api/v1/runs?state=sleeping', '"sleeping" is not one of'],
    ['/api/v1/runs?verdict=good', '"good" is not one of'],
    ['/api/v1/nodes?state=ready,unready', '"unready" is not one of'],
    ['/api/v1/requests?state=x', '"x" is not one of'],
    ['/api/v1/nodes?stat=ready', 'the query has "stat", which is not known. Did you mean "state"?'],
    ['/api/v1/fleet/../runs?whatever=1', 'the query has "whatever", which is not known. It knows: project, build'],
    ['/api/v1/builds?project=%00', 'the character NUL'],
    ['/api/v1/nodes?label=a%00b', 'the character NUL'],
    [`/api/v1/builds/${HUGE}`, '"id" must be <='],
    ['/api/v1/builds/-1', '"id" must be >= 1'],
    ['/api/v1/builds/1.5', '"id" must be integer'],
    ['/api/v1/runs/1/artifacts/1e300', '"artifact" must be'],
    ['/api/v1/runs/1/log?offset=-1', '"offset" must be >= 0'],
    [`/api/v1/runs/1/log?offset=${HUGE}`, '"offset" must be <='],
    ['/api/v1/runs/1/log?limit=99999999', '"limit" must be <='],
    ['/api/v1/compare?project=a/b', "the query must have required property 'to'"],
    [`/api/v1/builds?version=${'x'.repeat(201)}`, '"version" must NOT have more than 200 characters'],
    ['/api/v1/nodes/%zz', 'not a valid url component'],
  ])('%s', async (path, detail) => {
    const body = await problem('GET', path);
    expect(body).toMatchObject({ status: 400, code: 'GC1005' });
    expect(body.detail).toContain(detail);
  });

  it.each([
    [
      '/api/v1/tokens',
      { name: 'a', role: 'king' },
      '"role" must be equal to one of the allowed values: viewer, submitter',
    ],
    ['/api/v1/tokens', { name: '', role: 'viewer' }, '"name" must NOT have fewer than 1 characters'],
    ['/api/v1/tokens', { name: 'a\0b', role: 'viewer' }, 'the character NUL'],
    ['/api/v1/tokens', { name: 'a\nb', role: 'viewer' }, '"name" must be one line, without control characters'],
    ['/api/v1/tokens', { name: 'a\u001b[31mb', role: 'viewer' }, '"name" must be one line'],
    ['/api/v1/nodes/n-zzzzzzzz/hold', { reason: 'a\nroot admin' }, '"reason" must be one line'],
    ['/api/v1/runs/999/cancel', { reason: 'a\u2028b' }, '"reason" must be one line'],
    ['/api/v1/tokens', { name: 'a', role: 'viewer', expires_in_ms: 1e300 }, '"expires_in_ms" must be <='],
    ['/api/v1/tokens', { name: 'a', role: 'viewer', expires: 5 }, 'It knows: name, role, expires_in_ms.'],
    ['/api/v1/nodes/n-zzzzzzzz/hold', { duration_ms: 1 }, '"duration_ms" must be >= 1000'],
    ['/api/v1/nodes/n-zzzzzzzz/hold', { duraton_ms: 5000 }, 'Did you mean "duration_ms"?'],
    ['/api/v1/submissions', {}, "the body must have required property 'job_file'"],
    ['/api/v1/submissions', { job_file: 'x', variables: { a: 'b\0' } }, 'the character NUL'],
    ['/api/v1/submissions', [], 'the body must be object'],
  ])('POST %s %j', async (path, body, detail) => {
    const found = await problem('POST', path, { body });
    expect(found).toMatchObject({ status: 400, code: 'GC1005' });
    expect(found.detail).toContain(detail);
  });

  it('bad JSON, no JSON, something else, and too much of it', async () => {
    const path = '/api/v1/submissions';
    expect(await problem('POST', path, { headers: json, body: '{"job_file":' })).toMatchObject({
      ...{ status: 400, code: 'GC1005' },
    });
    expect(await problem('POST', path, { headers: json, body: '' })).toMatchObject({ status: 400, code: 'GC1005' });
    expect(await problem('POST', path, { headers: { 'content-type': 'text/yaml' }, body: 'a: b' })).toMatchObject({
      ...{ status: 415, code: 'GC1005' },
    });
    expect(await problem('POST', path, { headers: json, body: '{"__proto__": {"a": 1}}' })).toMatchObject({
      ...{ status: 400, code: 'GC1005' },
    });
    const large = JSON.stringify({ job_file: 'x'.repeat(5 * 2 ** 20) });
    expect(await problem('POST', path, { headers: json, body: large })).toMatchObject({ status: 413, code: 'GC1005' });
  });

  it('a job file with mistakes says where', async () => {
    const body = {
      job_file: 'project: acme/widget\nbuild: 1\nnodes: jammy && && x\nsteps: [{run: a}]',
      file: 'ci/job.yaml',
    };
    const found = await problem('POST', '/api/v1/submissions', { body });
    expect(found).toMatchObject({ status: 400, code: 'GC1601' });
    expect(found.detail).toContain('ci/job.yaml:3:8');
  });

  it('an idempotency key that is too long', async () => {
    const headers = { 'idempotency-key': 'x'.repeat(201) };
    const body = { job_file: 'project: acme/widget\nbuild: 1\nnodes: jammy\nsteps: [{run: a}]' };
    expect(await problem('POST', '/api/v1/submissions', { headers, body })).toMatchObject({ code: 'GC1005' });
  });

  it('an address that is longer than a server reads', async () => {
    const found = await problem('GET', `/api/v1/runs?build=${'x'.repeat(20_000)}`);
    expect(found).toMatchObject({ status: 431, code: 'GC1005' });
  });

  it.each([
    ['BREW / HTTP/1.1\r\nHost: x\r\n\r\n', 'HTTP/1.1 400 ', 'GC1005'],
    ['PURGE /api/v1/runs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 'HTTP/1.1 40', 'GC10'],
    ['nonsense\r\n\r\n', 'HTTP/1.1 400 ', 'GC1005'],
  ])('%j, which is no request, is told so as everything else', async (text, status, code) => {
    const { hostname, port } = new URL(server.running.url);
    const socket = connect(Number(port), hostname);
    socket.end(text);
    const answer = (await buffer(socket)).toString();
    expect(answer.startsWith(status)).toBe(true);
    expect(answer.toLowerCase()).toContain('content-type: application/problem+json');
    expect(answer).toContain(`"code":"${code}`);
  });

  it('a host that is no host never gets into a link', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(server.running.url);
      const headers = { host: 'evil.example/x?', authorization: `Bearer ${server.admin}` };
      const request = httpRequest(
        { hostname, port, method: 'POST', path: '/api/v1/enter-links', headers },
        (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += String(chunk);
          });
          response.on('end', () => resolve(text));
        },
      );
      request.on('error', reject);
      request.end();
    });
    expect((JSON.parse(answer) as { url: string }).url.startsWith(`${server.running.url}/enter/`)).toBe(true);
  });
});

describe('cursors', () => {
  const LISTS = ['/api/v1/runs', '/api/v1/builds', '/api/v1/projects', '/api/v1/nodes', '/api/v1/requests'];
  it.each(LISTS)('%s takes only its own', async (path) => {
    const name = path.split('/').at(-1) as string;
    const forged = [
      'nonsense',
      encodeCursor('elsewhere', [1]),
      encodeCursor(name, []),
      encodeCursor(name, [1.5]),
      encodeCursor(name, [-1]),
      encodeCursor(name, [1e300]),
      encodeCursor(name, ['a\0b']),
      encodeCursor(name, [1, 'a\0b']),
      Buffer.from('{"length": 3}').toString('base64url'),
    ];
    for (const cursor of forged) {
      expect(await problem('GET', `${path}?cursor=${cursor}`), cursor).toMatchObject({ status: 400, code: 'GC1708' });
    }
    expect((await server.call('GET', `${path}?cursor=`)).status).toBe(400);
  });
});
