import type { Registry } from 'prom-client';
import { agentRoutes } from './agent.ts';
import { agentBulkRoutes } from './agent-bulk.ts';
import type { AgentSessions } from './agent-sessions.ts';
import { createApp } from './app.ts';
import { artifactRoutes } from './artifacts.ts';
import { installAuthentication } from './auth.ts';
import { buildRoutes, compareRoutes } from './builds.ts';
import type { Api, ApiContext } from './context.ts';
import { dashboardRoutes } from './dashboard.ts';
import { deploymentRoutes } from './deployment.ts';
import { eventRoutes } from './events.ts';
import { exportRoutes } from './export.ts';
import { fleetRoutes } from './fleet.ts';
import { healthRoutes } from './health.ts';
import { leakRoutes } from './leaks.ts';
import { metricsRoutes } from './metrics.ts';
import { nodeActionRoutes, nodeRoutes } from './nodes.ts';
import { installOpenApi } from './openapi.ts';
import { queueRoutes } from './queue.ts';
import { requestRoutes } from './requests.ts';
import { runLogRoutes } from './run-log.ts';
import { runActionRoutes, runRoutes } from './runs.ts';
import { sessionRoutes } from './session.ts';
import { shellRoutes } from './shell.ts';
import { checkoutRoutes, submissionRoutes } from './submissions.ts';
import { testRoutes } from './tests.ts';
import { tokenRoutes } from './tokens.ts';

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
  sessionRoutes(app, context);
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
