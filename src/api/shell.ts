import { Type } from 'typebox';
import { messageOf } from '../base/errors/error.ts';
import { recordAudit } from '../store/audit.ts';
import type { AgentSessions } from './agent-sessions.ts';
import type { Api, ApiContext } from './app.ts';
import { callerOf } from './auth.ts';
import { nodeIdOf } from './nodes.ts';

/** Application close codes of the shell's websocket: the reason says which in words. */
const CLOSE_NO_AGENT = 4404;
const CLOSE_ENDED = 4000;

const ShellQuery = Type.Object({
  rows: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 24 })),
  columns: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 80 })),
  command: Type.Optional(Type.String({ maxLength: 10_000 })),
});

/**
 * A shell on a node. Binary frames carry what is typed and what is printed; one text frame at the end carries
 * `{"exit_code": n}`.
 */
export function shellRoutes(app: Api, context: ApiContext, sessions: AgentSessions): void {
  const { services } = context;
  app.get(
    '/api/v1/nodes/:id/shell',
    {
      websocket: true,
      config: { role: 'operator' },
      schema: { hide: true, params: Type.Object({ id: Type.String() }), querystring: ShellQuery },
    },
    (socket, request) => {
      const query = request.query as { rows?: number; columns?: number; command?: string };
      const node_id = nodeIdOf((request.params as { id: string }).id);
      const session = sessions.find(node_id);
      if (session === null) {
        socket.close(CLOSE_NO_AGENT, `the agent of ${node_id} is not connected`);
        return;
      }
      const shell = session.openShell({
        rows: query.rows ?? 24,
        columns: query.columns ?? 80,
        command: query.command ?? null,
        onOutput: (data) => socket.send(data, { binary: true }),
        onEnd: (exit_code) => {
          socket.send(JSON.stringify({ exit_code }));
          socket.close(CLOSE_ENDED, 'the shell ended');
        },
      });
      recordAudit(services.connection.db, callerOf(request).name, 'node.shell', `node ${node_id}`, {
        command: query.command ?? null,
      }).catch((error: unknown) => {
        // A shell that cannot be audited is not given.
        services.log.error({ node: node_id, error: messageOf(error) }, 'shell refused: it could not be audited');
        shell.close();
        socket.close(CLOSE_ENDED, 'the shell could not be audited');
      });
      socket.on('message', (data: Buffer) => shell.input(data));
      socket.on('close', () => shell.close());
      socket.on('error', () => socket.terminate());
    },
  );
}
