import type { FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { GroundcrewError, messageOf } from '../../base/errors/error.ts';
import { type AgentSession, openAgentSession } from '../../flow/agents/session.ts';
import type { Said } from '../../flow/agents/version-one.ts';
import { AGENT_PATHS, type AgentMessage } from '../../protocol/agent.ts';
import { bearerOf } from '../app/auth.ts';
import type { Api, ApiContext } from '../app/context.ts';
import { endSocket, keepAlive } from '../live/sockets.ts';
import type { AgentSessions } from './sessions.ts';

/** Application close code (RFC 6455, 7.4.2): the agent dials again. */
const CLOSE_ENDED = 4000;
const CLOSE_NOT_A_MESSAGE = 1007;
/** An agent that talks faster than its words are handled is read again when so few of them wait. */
const WAITING_MOST = 64;
const WAITING_FEW = 16;

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
  const { services } = context;
  let socket: WebSocket | null = null;
  let closed: string | null = null;
  const early: Said[] = [];
  const say = (message: Said): void => {
    if (socket?.readyState === socket?.OPEN) socket?.send(JSON.stringify(message));
  };
  const session = await openAgentSession(services, {
    bearer: bearerOf(request) ?? '',
    send: (message) => (socket === null ? early.push(message) : say(message)),
    close(reason) {
      closed = reason;
      if (socket !== null) endSocket(socket, services.clock, CLOSE_ENDED, reason);
    },
  });
  return {
    session,
    attach(attached) {
      socket = attached;
      for (const message of early.splice(0)) say(message);
      if (closed !== null) endSocket(attached, services.clock, CLOSE_ENDED, closed);
    },
  };
}

/** The agents' websocket; everything it means is in `flow/agents/session.ts`. */
export function agentRoutes(app: Api, context: ApiContext, sessions: AgentSessions): void {
  const { clock } = context.services;
  app.decorateRequest('agent', null);
  app.get(
    AGENT_PATHS.connect,
    {
      websocket: true,
      config: { role: 'agent' },
      schema: { hide: true },
      preValidation: async (request) => {
        // A token is spent by opening a session: only for what can become one.
        if (!request.ws) throw new GroundcrewError('GC1005', { detail: 'this address is for websockets' });
        const opened = await openBeforeUpgrade(context, request);
        const { socket } = request.raw;
        // An upgrade that breaks off never reaches the handler below.
        socket.once('close', () => opened.session.closed());
        if (socket.destroyed) opened.session.closed();
        request.agent = opened;
      },
    },
    (socket, request) => {
      if (request.agent === null) return socket.terminate();
      const { session, attach } = request.agent;
      sessions.add(session);
      socket.on('close', () => {
        session.closed();
        sessions.remove(session);
      });
      keepAlive(socket, clock);
      listen(context, socket, session);
      attach(socket);
    },
  );
}

/** Hands words to the session one after the other, in the order in which they came, and no faster than it takes them. */
function listen(context: ApiContext, socket: WebSocket, session: AgentSession): void {
  const { clock, log } = context.services;
  let chain: Promise<void> = Promise.resolve();
  let waiting = 0;
  let over = false;
  // What comes after a word that was not taken is not taken either: the agent says it all again.
  const stop = (code: number, reason: string): void => {
    if (over) return;
    over = true;
    session.closed();
    endSocket(socket, clock, code, reason);
  };
  const handle = async (message: AgentMessage): Promise<void> => {
    try {
      if (!over) await session.receive(message);
    } catch (error) {
      log.warn({ node: session.node_id, type: message.type, error: messageOf(error) }, 'agent message not handled');
      stop(CLOSE_ENDED, 'the message could not be handled');
    }
    waiting--;
    if (waiting <= WAITING_FEW && socket.isPaused) socket.resume();
  };
  socket.on('message', (data, binary) => {
    if (over) return;
    const message = binary ? null : parseMessage(data.toString());
    if (message === null) return stop(CLOSE_NOT_A_MESSAGE, 'not a message of the protocol');
    waiting++;
    if (waiting >= WAITING_MOST) socket.pause();
    chain = chain.then(() => handle(message));
  });
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
