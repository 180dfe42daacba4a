import type { NodeId, RunId } from '../../base/ids.ts';
import type { Listener } from '../../store/notify.ts';

/** What the hub needs of a session: to be told to look at its rows again. */
export interface Wakeable {
  readonly node_id: NodeId;
  /** What its agent works on, as far as this session knows. */
  run_id(): RunId | null;
  wakeNode(): void;
  wakeRun(): void;
}

/**
 * The sessions of this process by node: one subscription for all of them, so that a burst of assignments wakes each
 * agent once and not all agents each time.
 */
export class SessionHub {
  readonly #sessions = new Map<NodeId, Set<Wakeable>>();
  readonly #stops: (() => void)[];

  constructor(listener: Listener) {
    this.#stops = [
      listener.on('node', (payload) => {
        for (const session of this.#named(payload)) session.wakeNode();
      }),
      listener.on('run', (payload) => {
        for (const session of this.#all()) {
          if (payload === '' || String(session.run_id()) === payload) session.wakeRun();
        }
      }),
    ];
  }

  add(session: Wakeable): void {
    const sessions = this.#sessions.get(session.node_id) ?? new Set();
    this.#sessions.set(session.node_id, sessions.add(session));
  }

  /** True when it was the last one: the hub has stopped then. */
  remove(session: Wakeable): boolean {
    const sessions = this.#sessions.get(session.node_id);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#sessions.delete(session.node_id);
    if (this.#sessions.size > 0) return false;
    for (const stop of this.#stops) stop();
    return true;
  }

  #named(payload: string): Wakeable[] {
    return payload === '' ? this.#all() : [...(this.#sessions.get(payload as NodeId) ?? [])];
  }

  #all(): Wakeable[] {
    return [...this.#sessions.values()].flatMap((sessions) => [...sessions]);
  }
}

const HUBS = new WeakMap<Listener, SessionHub>();

/** Adds a session to the hub of this listener; the answer removes it again. */
export function joinHub(listener: Listener, session: Wakeable): () => void {
  const hub = HUBS.get(listener) ?? new SessionHub(listener);
  HUBS.set(listener, hub);
  hub.add(session);
  return () => {
    if (hub.remove(session) && HUBS.get(listener) === hub) HUBS.delete(listener);
  };
}
