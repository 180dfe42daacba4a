import type { FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { messageOf } from '../base/errors/error.ts';
import { type AgentSession, openAgentSession } from '../flow/agent-session.ts';
import { AGENT_PATHS, type AgentMessage, type ServerMessage } from '../protocol/agent.ts';
import type { AgentSessions } from './agent-sessions.ts';
import type { Api, ApiContext } from './app.ts';
import { bearerOf } from './auth.ts';

/** Application close code (RFC 6455, 7.4.2): the agent dials again. */
const CLOSE_ENDED = 4000;
const CLOSE_NOT_A_MESSAGE = 1007;

/** A session opened before the upgrade, so that a refused token is an HTTP answer; what it says waits for the socket. */
interface Opened {
  session: AgentSession;
  attach(socket: WebSocket): void;
}

declare module 'fastify' {
  interface FastifyRequest {
    agent: Opened | null;
  }
}

async function openBeforeUpgrade(context: ApiContext, request: FastifyRequest): Promise<Opened> {
  let socket: WebSocket | null = null;
  let closed: string | null = null;
  const early: ServerMessage[] = [];
  const say = (message: ServerMessage): void => {
    if (socket?.readyState === socket?.OPEN) socket?.send(JSON.stringify(message));
  };
  const session = await openAgentSession(context.services, {
    bearer: bearerOf(request) ?? '',
    send: (message) => (socket === null ? early.push(message) : say(message)),
    close(reason) {
      closed = reason.slice(0, 100);
      socket?.close(CLOSE_ENDED, closed);
    },
  });
  return {
    session,
    attach(attached) {
      socket = attached;
      for (const message of early.splice(0)) say(message);
      if (closed !== null) socket.close(CLOSE_ENDED, closed);
    },
  };
}

/** The agents' websocket; everything it means is in `flow/agent-session.ts`. */
export function agentRoutes(app: Api, context: ApiContext, sessions: AgentSessions): void {
  const { log } = context.services;
  app.decorateRequest('agent', null);
  app.get(
    AGENT_PATHS.connect,
    {
      websocket: true,
      config: { role: 'agent' },
      schema: { hide: true },
      preValidation: async (request) => {
        request.agent = await openBeforeUpgrade(context, request);
        // An upgrade that breaks off never reaches the handler below.
        request.raw.socket.once('close', () => request.agent?.session.closed());
      },
    },
    (socket, request) => {
      if (request.agent === null) {
        socket.close(CLOSE_ENDED, 'no session was opened');
        return;
      }
      const { session, attach } = request.agent;
      sessions.add(session);
      // Messages are handled one after the other, in the order in which they came.
      let chain: Promise<void> = Promise.resolve();
      const handle = async (message: AgentMessage): Promise<void> => {
        try {
          await session.receive(message);
        } catch (error) {
          log.warn({ node: session.node_id, type: message.type, error: messageOf(error) }, 'agent message not handled');
          socket.close(CLOSE_ENDED, 'the message could not be handled');
        }
      };
      socket.on('message', (data) => {
        const message = parseMessage(data.toString());
        if (message === null) socket.close(CLOSE_NOT_A_MESSAGE, 'not a message of the protocol');
        else chain = chain.then(() => handle(message));
      });
      socket.on('close', () => {
        session.closed();
        sessions.remove(session);
      });
      socket.on('error', () => socket.terminate());
      attach(socket);
    },
  );
}

/** Null when it is not an object with a type; what it holds is checked by the session. */
function parseMessage(text: string): AgentMessage | null {
  try {
    const value: unknown = JSON.parse(text);
    const fits = typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
    return fits ? (value as AgentMessage) : null;
  } catch {
    return null;
  }
}
