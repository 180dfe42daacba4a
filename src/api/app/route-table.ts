import type { FastifyRequest, RouteOptions } from 'fastify';
import { GroundcrewError } from '../../base/errors/error.ts';
import { Problem } from '../../protocol/api/common.ts';
import { pathOf, shownPath } from './problem.ts';

interface ObjectSchema {
  type?: string;
  additionalProperties?: unknown;
}
interface RouteSchema {
  hide?: boolean;
  description?: string;
  security?: readonly object[];
  body?: ObjectSchema;
  querystring?: ObjectSchema;
  response?: Record<string, unknown>;
}

const PROBLEM_ANSWER = {
  description: 'What is wrong, with a stable code, and what to do next',
  content: { 'application/problem+json': { schema: Problem } },
};

/** Every route that a server gets, and what all of them have in common. */
export class RouteTable {
  readonly #routes: { method: string; pattern: RegExp }[] = [];

  constructor(app: { addHook(name: 'onRoute', hook: (route: RouteOptions) => void): unknown }) {
    app.addHook('onRoute', (route) => {
      this.#remember(route);
      if (route.schema !== undefined) completeSchema(route, route.schema as RouteSchema);
    });
  }

  /** GC1020 when nothing is at this address, GC1019 when something is, but not for this method. */
  whyNotFound(request: FastifyRequest): GroundcrewError {
    const { method, url } = request;
    const asked = pathOf(url);
    const methods = this.#routes.filter(({ pattern }) => pattern.test(asked)).map((route) => route.method);
    const path = shownPath(request);
    if (methods.length === 0 || methods.includes(method)) return new GroundcrewError('GC1020', { path });
    return new GroundcrewError('GC1019', { method, path, methods: [...new Set(methods)].join(', ') });
  }

  #remember({ method, url }: RouteOptions): void {
    const parts = url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : escaped(part)));
    const pattern = new RegExp(`^${parts.join('/')}$`);
    for (const one of [method].flat()) this.#routes.push({ method: one, pattern });
  }
}

// A word that is not known is a mistake of the caller: ignoring it would do something else than what was asked for.
function completeSchema(route: RouteOptions, schema: RouteSchema): void {
  const role = route.config?.role;
  if (role === 'agent') return;
  const complete: RouteSchema = { ...schema };
  if (schema.querystring !== undefined) complete.querystring = strict(schema.querystring);
  if (schema.body !== undefined) complete.body = strict(schema.body);
  if (schema.hide !== true) {
    complete.response = { ...schema.response, default: PROBLEM_ANSWER };
    const note = route.config?.role_note === undefined ? '' : `; ${route.config.role_note}`;
    complete.description = role === 'public' ? 'Needs no token.' : `Needs the role ${role}${note}.`;
    if (role === 'public') complete.security = [];
  }
  route.schema = complete as RouteOptions['schema'] & object;
}

function strict(schema: ObjectSchema): ObjectSchema {
  return schema.type === 'object' && schema.additionalProperties === undefined
    ? { ...schema, additionalProperties: false }
    : schema;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
