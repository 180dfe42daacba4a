import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, ApiProblem, createClient } from './client.ts';

let server: Server;
let client: ApiClient;
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (data) => {
      body += String(data);
    });
    request.on('end', () => answer(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = createClient({ url, headers: { authorization: 'Bearer x' } });
});

afterAll(() => server.close());

describe('the client', () => {
  it('fills addresses so that no value becomes another part of them', () => {
    const address = client.address('getNode', { path: { id: 'a/b?c#d%' } });
    expect(address).toMatch(/\/api\/v1\/nodes\/a%2Fb%3Fc%23d%25$/);
    const query = client.address('listRuns', { query: { project: 'a&b=c', build: '', limit: 5, state: undefined } });
    expect(query).toMatch(/\/api\/v1\/runs\?project=a%26b%3Dc&limit=5$/);
  });

  it('sends what an operation needs, and nothing more', async () => {
    const seen: unknown[] = [];
    answer = ({ method, url, headers }, response, body) => {
      seen.push([method, url, headers['content-type'], headers.authorization, body]);
      response.end('{"done":true}');
    };
    await client.call('deleteNode', { path: { id: 'n-1' } });
    await client.call('cancelRun', { path: { id: '5' } });
    expect(seen).toEqual([
      ['DELETE', '/api/v1/nodes/n-1', undefined, 'Bearer x', ''],
      ['POST', '/api/v1/runs/5/cancel', 'application/json', 'Bearer x', '{}'],
    ]);
  });

  it('tells a problem in the server’s words', async () => {
    const problem = {
      type: 't',
      title: 'Not Found',
      status: 404,
      detail: 'There is no run 5.',
      code: 'GC1002',
      next: 'n',
    };
    answer = (_request, response) => response.writeHead(404).end(JSON.stringify(problem));
    const error = await client.call('getRun', { path: { id: '5' } }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiProblem);
    expect((error as ApiProblem).problem).toEqual(problem);
  });

  it.each([
    [502, '<html>Bad Gateway</html>'],
    [200, '<html>Sign in</html>'],
    [500, '{"error":"not one of ours"}'],
  ])('says when %i with %s is not an answer of a Groundcrew server', async (status, text) => {
    answer = (_request, response) => response.writeHead(status).end(text);
    const error = await client.call('whoAmI').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiProblem);
    expect((error as ApiProblem).problem).toMatchObject({ status, code: 'GC1011' });
    expect((error as ApiProblem).problem.detail).toContain(text);
  });
});
