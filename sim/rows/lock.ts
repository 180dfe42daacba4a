/** The planner's lock: one session has it at a time, and that of a session which ends is free. */
export class PlannerLock {
  readonly #owners: { current: PlannerLock | null; waiting: (() => void)[] };
  #ended = false;

  /** Another session's lock is the same lock. */
  constructor(other?: PlannerLock) {
    this.#owners = other === undefined ? { current: null, waiting: [] } : other.#owners;
  }

  /** Waits for the lock, and has it while the work lasts. Never settles once the session has ended. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    while (this.#owners.current !== null) await new Promise<void>((resolve) => this.#owners.waiting.push(resolve));
    if (this.#ended) return await new Promise(() => undefined);
    this.#owners.current = this;
    try {
      return await work();
    } finally {
      this.#free();
    }
  }

  /** The process is gone. */
  end(): void {
    this.#ended = true;
    this.#free();
  }

  #free(): void {
    if (this.#owners.current !== this) return;
    this.#owners.current = null;
    for (const wake of this.#owners.waiting.splice(0)) wake();
  }
}
