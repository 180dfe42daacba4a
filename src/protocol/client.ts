import type { Problem } from './api/common.ts';
import { OPERATIONS, type Operations } from './client.generated.ts';

/** What the server refused, in its own words. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

type Input<Name extends keyof Operations> = Partial<Pick<Operations[Name], 'path' | 'query' | 'body'>>;

export interface ClientOptions {
  /** Without a slash at its end; empty in a browser. */
  url: string;
  headers: Readonly<Record<string, string>>;
  /** A new signal for each call, aborted when it takes too long; without one a call waits as long as the network does. */
  deadline?: () => AbortSignal;
}

/** Calls operations of the API by name; both the command line and the dashboard use it. */
export interface ApiClient {
  call<Name extends keyof Operations>(name: Name, input?: Input<Name>): Promise<Operations[Name]['answer']>;
  /** Method, address and headers, for streams and downloads. */
  address<Name extends keyof Operations>(name: Name, input?: Input<Name>): string;
  readonly headers: Readonly<Record<string, string>>;
}

export function createClient(options: ClientOptions): ApiClient {
  const { url, headers, deadline } = options;
  const address: ApiClient['address'] = (name, input) => url + pathOf(OPERATIONS[name].path, input?.path, input?.query);
  return {
    headers,
    address,
    async call(name, input) {
      const { method } = OPERATIONS[name];
      const hasBody = method !== 'GET' && method !== 'DELETE';
      const response = await fetch(address(name, input), {
        method,
        headers: { ...headers, accept: 'application/json', ...(hasBody ? { 'content-type': 'application/json' } : {}) },
        ...(deadline ? { signal: deadline() } : {}),
        ...(hasBody ? { body: JSON.stringify(input?.body ?? {}) } : {}),
      });
      if (!response.ok) throw await problemFrom(response);
      return (await answerOf(response)) as Operations[typeof name]['answer'];
    },
  };
}

/** A proxy's page with status 200 is no answer of ours. */
async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw unexpected(response, text);
  }
}

/** Also for answers that are streams. */
export async function problemFrom(response: Response): Promise<ApiProblem> {
  const text = await response.text();
  try {
    const problem = JSON.parse(text) as Problem;
    if (typeof problem.code === 'string') return new ApiProblem(problem);
  } catch {
    // Not ours: something between us and the server answered.
  }
  return unexpected(response, text);
}

function unexpected(response: Response, text: string): ApiProblem {
  return new ApiProblem({
    type: 'about:blank',
    title: 'Unexpected answer',
    status: response.status,
    detail: `the server answered ${response.status} ${response.statusText}: ${text.slice(0, 200)}`,
    code: 'GC1011',
    next: 'Is this the address of a Groundcrew server?',
  });
}

function pathOf(template: string, path: object | undefined, query: object | undefined): string {
  const values = (path ?? {}) as Record<string, string | number>;
  const filled = template.replace(/\{(\w+)\}/g, (_whole, name: string) =>
    encodeURIComponent(String(values[name] ?? '')),
  );
  const pairs = Object.entries(query ?? {}).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  if (pairs.length === 0) return filled;
  return `${filled}?${new URLSearchParams(pairs.map(([key, value]): [string, string] => [key, String(value)])).toString()}`;
}
