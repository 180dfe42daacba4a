import { nextTurn } from './clock.ts';

interface Entry<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Makes one piece of work of what many ask for at about the same time: items that come in one turn of the event loop,
 * or while the work before is under way, are done together. Never more than one piece of work at a time, so the more
 * there is to do, the larger the batches, and nothing waits while there is little.
 */
export class Batcher<Item, Result> {
  readonly #work: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #most: number;
  #waiting: Entry<Item, Result>[] = [];
  #running = false;

  /** The work answers one result an item, in their order. `most`: items of one piece of work, default 500. */
  constructor(work: (items: readonly Item[]) => Promise<readonly Result[]>, most = 500) {
    this.#work = work;
    this.#most = most;
  }

  /** Settles with the item's own result, or with the error of the work. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    await nextTurn();
    while (this.#waiting.length > 0) {
      const entries = this.#waiting.slice(0, this.#most);
      this.#waiting = this.#waiting.slice(this.#most);
      await this.#doAll(entries);
    }
    this.#running = false;
  }

  async #doAll(entries: readonly Entry<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#work(entries.map(({ item }) => item));
      entries.forEach(({ resolve }, index) => {
        resolve(results[index] as Result);
      });
    } catch (error) {
      const [only] = entries;
      if (entries.length === 1) return only?.reject(error);
      // One malformed item must not spoil the others: each is tried alone.
      for (const entry of entries) await this.#doAll([entry]);
    }
  }
}
