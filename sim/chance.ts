import type { Random } from '../src/base/random.ts';

/** What happens by chance, all of it drawn from the seed. Mishaps happen until they are told to stop. */
export class Chance {
  readonly random: Random;
  #troubled = true;

  constructor(random: Random) {
    this.random = random;
  }

  calm(): void {
    this.#troubled = false;
  }

  troubled(): boolean {
    return this.#troubled;
  }

  /** A mishap, with this probability. */
  mishap(probability: number): boolean {
    return this.#troubled && this.random.fraction() < probability;
  }

  happens(probability: number): boolean {
    return this.random.fraction() < probability;
  }

  between(least: number, most: number): number {
    return Math.floor(least + this.random.fraction() * (most - least + 1));
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.random.fraction() * items.length)] as T;
  }
}
