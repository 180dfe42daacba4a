import type {} from '@fastify/swagger';
import { AgentSessions } from '../../src/api/agents/sessions.ts';
import type { ApiContext } from '../../src/api/app/context.ts';
import { createPublicServer } from '../../src/api/app/server.ts';
import { createMetrics } from '../../src/api/routes/metrics.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { systemRandom } from '../../src/base/random.ts';
import { VERSION } from '../../src/cli/version.ts';
import type { OpenApi } from './openapi-types.ts';

/** The API description exactly as a server serves it, made without a database: registering routes reads none. */
export async function apiDescription(): Promise<OpenApi> {
  const services = {
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    connection: {},
    listener: {},
    blobs: {},
  };
  const context = {
    services,
    version: VERSION,
    dashboard_directory: null,
    public_url: () => '',
  } as unknown as ApiContext;
  const app = await createPublicServer(context, createMetrics().registry, new AgentSessions());
  await app.ready();
  const description = app.swagger() as unknown as OpenApi;
  await app.close();
  return description;
}
