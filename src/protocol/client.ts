import createFetch, { createFinalURL, createQuerySerializer, defaultPathSerializer } from 'openapi-fetch';
import type { Problem } from './api/common.ts';
import { OPERATIONS, type Operations, type paths } from './client.generated.ts';

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

/** What is empty is not asked for. */
const querySerializer = (query: object): string =>
  serializeQuery(Object.fromEntries(Object.entries(query).filter(([, value]) => value !== '')));
const serializeQuery = createQuerySerializer();

export function createClient(options: ClientOptions): ApiClient {
  const { url, headers, deadline } = options;
  const http = createFetch<paths>({ baseUrl: url, headers, querySerializer });
  return {
    headers,
    address: (name, input) =>
      createFinalURL(OPERATIONS[name].path, {
        baseUrl: url,
        params: input ?? {},
        querySerializer,
        pathSerializer: defaultPathSerializer,
      }),
    async call(name, input) {
      const { method, path } = OPERATIONS[name];
      const hasBody = method !== 'GET' && method !== 'DELETE';
      // Which parameters an operation takes is checked where it is called by its name.
      const { data, error, response } = await http.request(
        method as 'get',
        path as never,
        {
          params: { path: input?.path, query: input?.query },
          headers: { accept: 'application/json' },
          parseAs: 'text',
          ...(deadline ? { signal: deadline() } : {}),
          ...(hasBody ? { body: input?.body ?? {} } : {}),
        } as never,
      );
      if (!response.ok) throw problemOf(response, error);
      return answerOf(response, String(data ?? '')) as Operations[typeof name]['answer'];
    },
  };
}

/** A proxy's page with status 200 is no answer of ours. */
function answerOf(response: Response, text: string): unknown {
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
    return problemOf(response, JSON.parse(text));
  } catch {
    // Not ours: something between us and the server answered.
    return unexpected(response, text);
  }
}

function problemOf(response: Response, error: unknown): ApiProblem {
  if (typeof (error as Problem | undefined)?.code === 'string') return new ApiProblem(error as Problem);
  return unexpected(response, typeof error === 'string' ? error : (JSON.stringify(error) ?? ''));
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
