import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { Api, ApiContext } from './app.ts';

/** Nothing but our own files runs or is embedded; inline styles are used for sizes of bars. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Pages of the dashboard: each is the same file, which reads its own path. */
const PAGES = [
  '/',
  '/nodes',
  '/nodes/*',
  '/requests',
  '/requests/*',
  '/runs',
  '/runs/*',
  '/builds',
  '/builds/*',
  '/compare',
  '/tests',
  '/holds',
  '/projects/*',
  '/queue',
];

/** The built dashboard; it signs in by cookie, so its files are public and hold no data. */
export async function dashboardRoutes(app: Api, context: ApiContext): Promise<void> {
  const directory = context.dashboard_directory;
  if (directory === null || !existsSync(join(directory, 'index.html'))) return;
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer');
    if (String(reply.getHeader('content-type') ?? '').startsWith('text/html')) {
      reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
    }
  });
  await app.register(fastifyStatic, { root: directory, serve: false, index: false });
  app.get('/assets/*', { config: { role: 'public' }, schema: { hide: true } }, (request, reply) => {
    const name = (request.params as { '*': string })['*'];
    return reply.sendFile(`assets/${name}`, directory, { immutable: true, maxAge: 365 * 86_400_000 });
  });
  for (const page of PAGES) {
    app.get(page, { config: { role: 'public' }, schema: { hide: true } }, (_request, reply) =>
      reply.header('cache-control', 'no-cache').sendFile('index.html', directory, { maxAge: 0, cacheControl: false }),
    );
  }
}
