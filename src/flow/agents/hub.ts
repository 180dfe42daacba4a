import type { NodeId, RunId } from '../../base/ids.ts';
import type { Listener } from '../../store/notify.ts';

/** What the hub needs of a session: to be told to look at its rows again. */
export interface Wakeable {
  readonly node_id: NodeId;
  /** What its agent works on, as far as this session knows. */
  readonly runs: ReadonlyMap<RunId, number>;
  wakeNode(): void;
  wakeRun(): void;
}

/**
 * The sessions of this process by node: one subscription for all of them, so that a burst of assignments wakes each
 * agent once and not all agents each time. It listens while there are any.
 */
export class SessionHub {
  readonly #listener: Listener;
  readonly #sessions = new Map<NodeId, Set<Wakeable>>();
  #stops: (() => void)[] = [];

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** Adds a session; the answer removes it again. */
  join(session: Wakeable): () => void {
    if (this.#sessions.size === 0) this.#listen();
    const sessions = this.#sessions.get(session.node_id) ?? new Set();
    this.#sessions.set(session.node_id, sessions.add(session));
    return () => this.#remove(session);
  }

  #remove(session: Wakeable): void {
    const sessions = this.#sessions.get(session.node_id);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#sessions.delete(session.node_id);
    if (this.#sessions.size > 0) return;
    for (const stop of this.#stops.splice(0)) stop();
  }

  #listen(): void {
    this.#stops = [
      this.#listener.on('node', (payload) => {
        for (const session of this.#named(payload)) session.wakeNode();
      }),
      this.#listener.on('run', (payload) => {
        for (const session of this.#all()) {
          if (payload === '' || session.runs.has(Number(payload) as RunId)) session.wakeRun();
        }
      }),
    ];
  }

  #named(payload: string): Wakeable[] {
    return payload === '' ? this.#all() : [...(this.#sessions.get(payload as NodeId) ?? [])];
  }

  #all(): Wakeable[] {
    return [...this.#sessions.values()].flatMap((sessions) => [...sessions]);
  }
}
