import { takeAssignmentsAlong } from '../../assignments/store/life.ts';
import { GroundcrewError, messageOf } from '../../base/errors/error.ts';
import type { NodeId, RunId } from '../../base/ids.ts';
import { randomSecret, secretHash } from '../../base/random.ts';
import { type AgentNode, currentState, reconnectAgent, registerAgent, spendToken } from '../../nodes/store/agent.ts';
import type { AgentMessage, ServerMessage } from '../../protocol/agent.ts';
import { agreedVersion, describeVersions, SERVER_VERSIONS } from '../../protocol/agent-versions.ts';
import { runsOfferedTo } from '../../runs/store/hand-out.ts';
import type { Services } from '../services.ts';
import { checkWord } from './check-word.ts';
import { newsOfRun } from './dispatch.ts';
import type { Wakeable } from './hub.ts';
import { beginSession, hearHeartbeat, hearPreflight } from './node.ts';
import { handleRunWord, isRunWord } from './run.ts';
import type { SessionState } from './session-state.ts';
import { type Shell, type ShellOptions, Shells } from './shells.ts';
import { type Heard, type Said, saidTo } from './version-one.ts';

/** How a session reaches its agent; a websocket, or a test. */
export interface SessionTransport {
  /** A one-use registration token, or the secret of an earlier session. */
  bearer: string;
  send(message: Said): void;
  /** Ends the connection; `closed()` follows from the transport. */
  close(reason: string): void;
}

/** One connection of one agent. Everything that must outlive it is in rows: a new one picks up where it was. */
export interface AgentSession {
  readonly node_id: NodeId;
  /** Handles a word completely; words are handled in order. Errors: GC1646, and the database's. */
  receive(message: Heard): Promise<void>;
  /** The transport is gone: shells end, nothing is said any more. */
  closed(): void;
  /** A shell for a person, as long as this connection lasts. */
  openShell(options: ShellOptions): Shell;
}

/**
 * Lets an agent in by a registration token, which its first word after the welcome spends, or by a session's secret, and
 * begins the next epoch, which makes the words of every older connection void. Errors: GC1901 when the bearer is neither.
 */
export async function openAgentSession(services: Services, transport: SessionTransport): Promise<AgentSession> {
  const { db } = services.connection;
  const hash = secretHash(transport.bearer);
  const again = await reconnectAgent(db, hash);
  if (again) {
    await takeAssignmentsAlong(db, again.id, again.epoch);
    return new Session(services, again, null, transport);
  }
  const session_secret = randomSecret(services.random);
  const node = await registerAgent(db, hash, secretHash(session_secret));
  if (!node)
    throw new GroundcrewError('GC1901', { detail: 'the token is unknown, was used before, or its node is going' });
  return new Session(services, node, session_secret, transport);
}

class Session implements AgentSession, SessionState, Wakeable {
  readonly services: Services;
  readonly node: AgentNode;
  readonly session_secret: string | null;
  readonly runs = new Map<RunId, number>();
  version = SERVER_VERSIONS.newest;
  readonly #transport: SessionTransport;
  readonly #shells: Shells;
  readonly #leaveHub: () => void;
  #greeted = false;
  /** Agents say nothing after hello before they heard the welcome: a word then shows that it has the secret. */
  #hasSecret: boolean;
  /** Words about shells that were opened before the welcome, which has to be the first word; null once it was said. */
  #early: ServerMessage[] | null = [];
  #over = false;
  #chain: Promise<void> = Promise.resolve();

  constructor(services: Services, node: AgentNode, session_secret: string | null, transport: SessionTransport) {
    this.services = services;
    this.node = node;
    this.session_secret = session_secret;
    this.#hasSecret = session_secret === null;
    this.#transport = transport;
    this.#shells = new Shells((message) => {
      if (this.#early === null) this.send(message);
      else this.#early.push(message);
    });
    this.#leaveHub = services.agent_sessions.join(this);
  }

  get node_id(): NodeId {
    return this.node.id;
  }

  send(message: ServerMessage): void {
    if (!this.#over) this.#transport.send(saidTo(this.version, message));
  }

  end(reason: string): void {
    if (this.#over) return;
    this.closed();
    this.#transport.close(reason);
  }

  closed(): void {
    if (this.#over) return;
    this.#over = true;
    this.#leaveHub();
    this.#shells.endAll();
  }

  openShell(options: ShellOptions): Shell {
    if (this.#over)
      throw new GroundcrewError('GC1009', {
        action: 'open a shell on',
        kind: 'node',
        id: this.node_id,
        state: 'not connected',
      });
    return this.#shells.open(options);
  }

  receive(message: Heard): Promise<void> {
    return this.#inOrder(() => this.#handle(checkWord(this.node_id, message)));
  }

  wakeNode(): void {
    this.#wake(() => this.#look(false));
  }

  wakeRun(): void {
    this.#wake(() => this.#tellNews());
  }

  // One after the other, whatever became of the one before.
  #inOrder(work: () => Promise<void>): Promise<void> {
    const done = this.#chain.then(async () => {
      if (!this.#over) await work();
    });
    this.#chain = done.catch(() => undefined);
    return done;
  }

  #wake(work: () => Promise<void>): void {
    if (!this.#greeted) return;
    // A wake-up that fails is no loss: the agent pulls, and a lost connection to the database shows in every word.
    this.#inOrder(work).catch((error: unknown) => {
      this.services.log.warn({ node: this.node_id, error: messageOf(error) }, 'an agent could not be told');
    });
  }

  async #handle(message: AgentMessage): Promise<void> {
    if (message.type === 'hello') return await this.#greet(message);
    if (!this.#greeted) return this.end('the first word of an agent is hello');
    if (!this.#hasSecret) await spendToken(this.services.connection.db, this.node.id, this.node.epoch);
    this.#hasSecret = true;
    if (isRunWord(message)) return await handleRunWord(this, message);
    switch (message.type) {
      case 'pull':
        return await this.#look(true);
      case 'heartbeat':
        return await hearHeartbeat(this);
      case 'preflight':
        return await hearPreflight(this, message);
      case 'shell_output':
        return this.#shells.output(message.shell_id, message.data_base64);
      case 'shell_taken':
        return this.#shells.taken(message.shell_id, message.bytes);
      case 'shell_end':
        return this.#shells.end(message.shell_id, message.exit_code);
    }
  }

  async #greet(hello: Extract<AgentMessage, { type: 'hello' }>): Promise<void> {
    if (this.#greeted) return;
    const versions = { oldest: hello.oldest_version, newest: hello.version };
    const version = agreedVersion(versions, SERVER_VERSIONS);
    if (version === null) {
      const ours = `this server speaks versions ${describeVersions(SERVER_VERSIONS)} of the protocol`;
      return this.end(`${ours}, the agent ${describeVersions(versions)}`);
    }
    this.version = version;
    this.#greeted = true;
    await beginSession(this, hello);
    for (const message of this.#early ?? []) this.send(message);
    this.#early = null;
    await this.#look(false);
  }

  /** Tells the agent what its node is to do; the answer to a pull is said even when there is nothing. */
  async #look(asked: boolean): Promise<void> {
    const { db } = this.services.connection;
    const state = await currentState(db, this.node_id, this.node.epoch);
    if (state === null) return this.end('a newer connection of this agent took over');
    if (state === 'deleting' || state === 'deleted') {
      return this.send({ type: 'retire', reason: 'the node is being deleted' });
    }
    const assignments = state === 'assigned' ? await runsOfferedTo(db, this.node_id) : [];
    if (assignments.length > 0 || asked) this.send({ type: 'assignments', assignments });
  }

  async #tellNews(): Promise<void> {
    for (const [run_id, fence] of [...this.runs]) {
      for (const word of await newsOfRun(this.services, this.node_id, { run_id, fence })) {
        if (word.type === 'stale') this.runs.delete(run_id);
        this.send(word);
      }
    }
  }
}
