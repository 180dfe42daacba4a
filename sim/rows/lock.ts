/** The planner's lock: one session has it at a time, and that of a session which ends is free. */
export class PlannerLock {
  readonly #owners: { current: PlannerLock | null; waiting: (() => void)[] };
  #ended = false;

  /** Another session's lock is the same lock. */
  constructor(other?: PlannerLock) {
    this.#owners = other === undefined ? { current: null, waiting: [] } : other.#owners;
  }

  /**
   * Waits for the lock, and has it while work and commit last. What the work answers is committed, unless the session has
   * ended meanwhile: then this never settles.
   */
  async during<T>(work: () => Promise<T>, commit: () => void): Promise<T> {
    while (this.#owners.current !== null) await new Promise<void>((resolve) => this.#owners.waiting.push(resolve));
    if (this.#ended) return await new Promise(() => undefined);
    this.#owners.current = this;
    try {
      const result = await work();
      if (this.#ended) return await new Promise(() => undefined);
      commit();
      return result;
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
