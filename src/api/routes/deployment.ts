import { DeploymentView } from '../../protocol/api/access.ts';
import { recordAudit } from '../../store/audit.ts';
import { readDeployment, setObserving } from '../../store/deployment.ts';
import { notify } from '../../store/notify.ts';
import { callerOf } from '../app/auth.ts';
import type { Api, ApiContext } from '../app/context.ts';

/** Whose machines are ours, and whether we may touch them: after an import only when an operator agrees. */
export function deploymentRoutes(app: Api, context: ApiContext): void {
  const { db } = context.services.connection;
  const tags = ['deployment'];

  app.get(
    '/api/v1/deployment',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'getDeployment',
        summary: 'The identifier that our machines carry, and whether this deployment only observes',
        tags,
        response: { 200: DeploymentView },
      },
    },
    async () => await readDeployment(db),
  );

  app.post(
    '/api/v1/deployment/agree',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'agreeDeployment',
        summary: 'End observing: from now on this deployment launches and deletes machines',
        tags,
        response: { 200: DeploymentView },
      },
    },
    async (request) =>
      await db.transaction().execute(async (tx) => {
        const { observing } = await readDeployment(tx);
        if (observing) {
          await setObserving(tx, false);
          await recordAudit(tx, callerOf(request).name, 'deployment.agree', 'deployment');
          await notify(tx, 'fleet', '');
        }
        return await readDeployment(tx);
      }),
  );
}
