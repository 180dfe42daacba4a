import swagger from '@fastify/swagger';
import type { Api, ApiContext } from './context.ts';

/** Collects the routes' schemas into the API description; register before the routes. */
export async function installOpenApi(app: Api, context: ApiContext): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Groundcrew',
        version: context.version,
        description: 'A fleet of disposable test machines, the work that runs on them, and its results.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'An API token: groundcrew token create' },
          session: { type: 'apiKey', in: 'cookie', name: 'groundcrew_session', description: "The dashboard's cookie" },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
  });
  app.get('/api/openapi.json', { config: { role: 'public' }, schema: { hide: true } }, async () => app.swagger());
}
