import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { Api, ApiContext } from './context.ts';

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
  '/queue',
];

/** The built dashboard; it signs in by cookie, so its files are public and hold no data. */
export async function dashboardRoutes(app: Api, context: ApiContext): Promise<void> {
  const directory = context.dashboard_directory;
  if (directory === null || !existsSync(join(directory, 'index.html'))) return;
  await app.register(fastifyStatic, { root: directory, serve: false, index: false });
  const options = { config: { role: 'public' }, schema: { hide: true }, exposeHeadRoute: true } as const;
  app.get('/assets/*', options, (request, reply) => {
    const name = (request.params as { '*': string })['*'];
    return reply.sendFile(`assets/${name}`, directory, { immutable: true, maxAge: 365 * 86_400_000 });
  });
  for (const page of PAGES) {
    app.get(page, options, (_request, reply) =>
      reply.header('cache-control', 'no-cache').sendFile('index.html', directory, { maxAge: 0, cacheControl: false }),
    );
  }
}
