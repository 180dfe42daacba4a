import type { Registry } from 'prom-client';
import { agentBulkRoutes } from '../agents/bulk.ts';
import type { AgentSessions } from '../agents/sessions.ts';
import { agentRoutes } from '../agents/socket.ts';
import { eventRoutes } from '../live/events.ts';
import { shellRoutes } from '../live/shell.ts';
import { artifactRoutes } from '../routes/artifacts.ts';
import { buildRoutes, compareRoutes } from '../routes/builds.ts';
import { deploymentRoutes } from '../routes/deployment.ts';
import { exportRoutes } from '../routes/export.ts';
import { fleetRoutes } from '../routes/fleet.ts';
import { healthRoutes } from '../routes/health.ts';
import { leakRoutes } from '../routes/leaks.ts';
import { metricsRoutes } from '../routes/metrics.ts';
import { nodeActionRoutes, nodeRoutes } from '../routes/nodes.ts';
import { queueRoutes } from '../routes/queue.ts';
import { requestRoutes } from '../routes/requests.ts';
import { runLogRoutes } from '../routes/run-log.ts';
import { runActionRoutes, runRoutes } from '../routes/runs.ts';
import { signInRoutes } from '../routes/sign-in.ts';
import { checkoutRoutes, submissionRoutes } from '../routes/submissions.ts';
import { testRoutes } from '../routes/tests.ts';
import { tokenRoutes } from '../routes/tokens.ts';
import { createApp } from './app.ts';
import { installAuthentication } from './auth.ts';
import type { Api, ApiContext } from './context.ts';
import { dashboardRoutes } from './dashboard.ts';
import { installOpenApi } from './openapi.ts';

/** Everything: people's routes, agents' routes, the dashboard. For a TCP port. */
export async function createPublicServer(
  context: ApiContext,
  registry: Registry,
  sessions: AgentSessions,
): Promise<Api> {
  const app = await createApp(context);
  await installOpenApi(app, context);
  installAuthentication(app, context);
  healthRoutes(app, context);
  signInRoutes(app, context);
  tokenRoutes(app, context);
  deploymentRoutes(app, context);
  fleetRoutes(app, context);
  leakRoutes(app, context);
  queueRoutes(app, context);
  nodeRoutes(app, context);
  nodeActionRoutes(app, context);
  requestRoutes(app, context);
  await checkoutRoutes(app, context);
  submissionRoutes(app, context);
  runRoutes(app, context);
  runActionRoutes(app, context);
  artifactRoutes(app, context);
  runLogRoutes(app, context);
  buildRoutes(app, context);
  compareRoutes(app, context);
  testRoutes(app, context);
  eventRoutes(app, context);
  exportRoutes(app, context);
  metricsRoutes(app, context.services, registry, sessions);
  agentRoutes(app, context, sessions);
  await agentBulkRoutes(app, context);
  shellRoutes(app, context, sessions);
  await dashboardRoutes(app, context);
  return app;
}

/** The agents' routes only: for the socket that is mounted into local machines. */
export async function createAgentServer(context: ApiContext, sessions: AgentSessions): Promise<Api> {
  const app = await createApp(context);
  installAuthentication(app, context);
  agentRoutes(app, context, sessions);
  await agentBulkRoutes(app, context);
  return app;
}
