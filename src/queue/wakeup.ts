import type { Clock } from '../base/clock.ts';

/** Waiting for a while, or until woken. A wake-up while nobody waits ends the next wait at once. */
export class Wakeup {
  #woken = false;
  #wake: (() => void) | null = null;

  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }

  async wait(clock: Clock, longest_ms: number): Promise<void> {
    if (!this.#woken) {
      await new Promise<void>((resolve) => {
        const timer = clock.after(longest_ms, resolve);
        this.#wake = () => {
          timer.stop();
          resolve();
        };
      });
      this.#wake = null;
    }
    this.#woken = false;
  }
}
