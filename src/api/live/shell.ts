import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { WebSocket } from 'ws';
import { GroundcrewError, messageOf } from '../../base/errors/error.ts';
import type { AgentSession } from '../../flow/agents/session.ts';
import { recordAudit } from '../../store/audit.ts';
import type { AgentSessions } from '../agents/sessions.ts';
import { callerOf, stillAllowed } from '../app/auth.ts';
import type { Api, ApiContext } from '../app/context.ts';
import { nodeIdOf } from '../routes/nodes.ts';
import { checkShell } from './shell-allowed.ts';
import { endSocket, keepAlive } from './sockets.ts';

/** Application close codes of the shell's websocket: the reason says which in words. */
const CLOSE_ENDED = 4000;
const CLOSE_NOT_ALLOWED = 4403;
const CLOSE_TOO_SLOW = 4408;
/** Output that a slow reader has not taken; the agent cannot be made to wait. */
const BEHIND_MOST_BYTES = 32 * 2 ** 20;

/** Input that the shell has not taken: beyond it, whoever types waits. */
const AHEAD_MOST_BYTES = 2 ** 20;

const ShellParameters = Type.Object({ id: Type.String({ maxLength: 40 }) });
const ShellQuery = Type.Object({
  rows: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 24 })),
  columns: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 80 })),
  command: Type.Optional(Type.String({ maxLength: 10_000 })),
});

declare module 'fastify' {
  interface FastifyRequest {
    /** The agent that a shell is opened with. */
    shell_session: AgentSession | null;
  }
}

/**
 * A shell on a node. Binary frames carry what is typed and what is printed; one text frame at the end carries
 * `{"exit_code": n}`. Refused before the upgrade, by problem details: as `checkShell` says, and GC1009 when its agent is
 * not connected here.
 */
export function shellRoutes(app: Api, context: ApiContext, sessions: AgentSessions): void {
  const { services } = context;
  app.decorateRequest('shell_session', null);
  app.get(
    '/api/v1/nodes/:id/shell',
    {
      websocket: true,
      config: { role: 'submitter' },
      schema: { hide: true, summary: 'Enter a node with a shell', params: ShellParameters, querystring: ShellQuery },
      preHandler: async (request) => {
        if (!request.ws) throw new GroundcrewError('GC1005', { detail: 'this address is for websockets' });
        const node_id = nodeIdOf((request.params as Static<typeof ShellParameters>).id);
        await checkShell(context, request, node_id);
        const session = sessions.find(node_id);
        if (session === null) {
          const what = { action: 'open a shell on', kind: 'node', id: node_id, state: 'not connected' };
          throw new GroundcrewError('GC1009', what);
        }
        // A shell that cannot be audited is not given.
        const command = (request.query as Static<typeof ShellQuery>).command ?? null;
        await recordAudit(services.connection.db, callerOf(request).name, 'node.shell', node_id, { command });
        request.shell_session = session;
      },
    },
    (socket, request) => serveShell(context, socket, request),
  );
}

function serveShell(context: ApiContext, socket: WebSocket, request: FastifyRequest): void {
  const { clock, log } = context.services;
  const { rows = 24, columns = 80, command = null } = request.query as Static<typeof ShellQuery>;
  const end = (code: number, reason: string): void => endSocket(socket, clock, code, reason);
  try {
    const shell = (request.shell_session as AgentSession).openShell({
      rows,
      columns,
      command,
      onOutput: (data) => {
        socket.send(data, { binary: true });
        if (socket.bufferedAmount <= BEHIND_MOST_BYTES) return;
        log.warn({ caller: callerOf(request).name }, 'a shell was ended: its output was not taken fast enough');
        shell.close();
        end(CLOSE_TOO_SLOW, 'the output was not taken fast enough');
      },
      onTaken: () => {
        if (socket.isPaused && shell.untaken_bytes() <= AHEAD_MOST_BYTES) socket.resume();
      },
      onEnd: (exit_code) => {
        // Its goodbye is to be heard.
        socket.resume();
        socket.send(JSON.stringify({ exit_code }));
        end(CLOSE_ENDED, 'the shell ended');
      },
    });
    socket.on('message', (data: Buffer) => {
      shell.input(data);
      if (shell.untaken_bytes() > AHEAD_MOST_BYTES) socket.pause();
    });
    socket.on('close', () => shell.close());
    keepAlive(socket, clock, () => {
      void stillAllowed(request, context).then((allowed) => allowed || end(CLOSE_NOT_ALLOWED, 'the token has ended'));
    });
  } catch (error) {
    // Its agent went away since the question before the upgrade.
    log.debug({ error: messageOf(error) }, 'a shell could not be opened');
    end(CLOSE_ENDED, messageOf(error));
  }
}
