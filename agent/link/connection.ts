import { connect } from 'node:net';
import WebSocket, { type RawData } from 'ws';
import { backoff_ms } from '../../src/base/backoff.ts';
import { describeCauses, GroundcrewError, messageOf } from '../../src/base/errors/error.ts';
import { AGENT_PATHS, type AgentMessage, type ServerMessage } from '../../src/protocol/agent.ts';
import type { Context } from '../context.ts';
import { type ServerAddress, serverAddress } from './http.ts';

export interface ConnectionEvents {
  opened(): void;
  message(message: ServerMessage): void;
  closed(): void;
}

const DIAL_TIMEOUT_MS = 10_000;
/** The same reason for no connection is logged as often as this. */
const TELL_AGAIN_MS = 300_000;
/** Largest word from the server: an assignment with long scripts. */
const WORD_BYTES = 16 * 2 ** 20;

/**
 * Keeps one websocket to the server: dials, dials again with backoff after every cut, notices a half-open one by pings.
 * It knows nothing of what is said.
 */
export class Connection {
  readonly #context: Context;
  readonly #events: ConnectionEvents;
  readonly #address: ServerAddress;
  readonly #stopping = new AbortController();
  #socket: WebSocket | null = null;
  #heard_ms: number;

  constructor(context: Context, events: ConnectionEvents) {
    this.#context = context;
    this.#events = events;
    this.#address = serverAddress(context.settings.server_url);
    this.#heard_ms = context.clock.monotonic_ms();
  }

  /** Since the server was last heard, by the monotonic clock. */
  silence_ms(): number {
    return this.#context.clock.monotonic_ms() - this.#heard_ms;
  }

  isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Bytes handed over that the network has not taken yet. */
  buffered_bytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Says it if connected; false when it was lost, which the caller's own repetition mends. */
  send(message: AgentMessage): boolean {
    if (!this.isOpen()) return false;
    this.#socket?.send(JSON.stringify(message), () => {});
    return true;
  }

  /** Runs until `stop`. Throws GC1901 when the server refuses the token or the secret. */
  async keep(): Promise<void> {
    const { clock, random, limits, log } = this.#context;
    let told = { reason: '', at_ms: 0 };
    for (let attempt = 0; !this.#stopping.signal.aborted; attempt++) {
      const started_ms = clock.monotonic_ms();
      try {
        await this.#once();
      } catch (error) {
        if (error instanceof GroundcrewError) throw error;
        const reason = messageOf(error);
        // An outage may last for weeks: not a line for every try.
        if (reason !== told.reason || started_ms - told.at_ms >= TELL_AGAIN_MS) {
          log.warn({ reason }, 'no connection to the server');
          told = { reason, at_ms: started_ms };
        }
      }
      if (clock.monotonic_ms() - started_ms > limits.reconnect_most_ms) attempt = 0;
      const wait_ms = backoff_ms(random, attempt + 1, { first_ms: 50, longest_ms: limits.reconnect_most_ms });
      await clock.sleep(wait_ms, this.#stopping.signal).catch(() => {});
    }
  }

  /** Breaks the connection off, so that a new one is dialled. */
  breakOff(reason: string): void {
    this.#context.log.warn({ reason }, 'the connection is broken off');
    this.#socket?.terminate();
  }

  /** Closes after what was said has gone out, at most a second later. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const socket = this.#socket;
    if (!socket || socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.close();
    await Promise.race([closed, this.#context.clock.sleep(1000)]);
    socket.terminate();
  }

  /** One connection from dialling to its end. */
  async #once(): Promise<void> {
    const { clock, limits } = this.#context;
    const socket = this.#dial();
    this.#socket = socket;
    const heard = (): void => {
      this.#heard_ms = clock.monotonic_ms();
    };
    let watch = clock.monotonic_ms();
    const pinging = clock.every(limits.heartbeat_ms, () => {
      if (clock.monotonic_ms() - Math.max(this.#heard_ms, watch) > limits.silence_ms) socket.terminate();
      else if (socket.readyState === WebSocket.OPEN) socket.ping();
    });
    socket.on('pong', heard);
    socket.on('message', (data: RawData) => {
      heard();
      try {
        this.#events.message(JSON.parse(String(data)) as ServerMessage);
      } catch (error) {
        this.#context.log.error({ reason: describeCauses(error) }, 'a word of the server could not be handled');
        socket.terminate();
      }
    });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.on('open', () => {
          watch = clock.monotonic_ms();
          this.#events.opened();
        });
        socket.on('unexpected-response', (_request, response) => {
          reject(refusal(response.statusCode ?? 0));
          response.destroy();
          socket.terminate();
        });
        socket.on('error', reject);
        socket.on('close', (code, reason) =>
          code === 1000 || this.#stopping.signal.aborted ? resolve() : reject(new Error(`closed (${code}) ${reason}`)),
        );
      });
    } finally {
      pinging.stop();
      socket.on('error', () => {});
      socket.terminate();
      this.#socket = null;
      this.#events.closed();
    }
  }

  #dial(): WebSocket {
    const { socket_path, origin } = this.#address;
    const kept = this.#context.state.value;
    return new WebSocket(`${origin.replace(/^http/, 'ws')}${AGENT_PATHS.connect}`, {
      // Not as an address of ws, which does not keep every path: a space comes out as %20.
      ...(socket_path === null ? {} : { createConnection: () => connect(socket_path) }),
      headers: { authorization: `Bearer ${kept.session_secret ?? kept.settings.token}` },
      perMessageDeflate: false,
      handshakeTimeout: DIAL_TIMEOUT_MS,
      maxPayload: WORD_BYTES,
    });
  }
}

function refusal(status: number): Error {
  if (status !== 401) return new Error(`the server answered ${status} to the upgrade`);
  return new GroundcrewError('GC1901', {
    detail: 'the server does not accept its token. It was used before, or the node is no longer wanted.',
  });
}
