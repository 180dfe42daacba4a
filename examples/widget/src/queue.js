import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A queue in a directory: one file an entry, first in, first out. */
export class Queue {
  constructor(directory) {
    this.directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /** Adds a text at the end. */
  add(text) {
    const last = this.numbers().at(-1) ?? 0;
    writeFileSync(this.file(last + 1), text);
  }

  /** Takes the first text out; null when the queue is empty. */
  take() {
    const first = this.numbers()[0];
    if (first === undefined) return null;
    const text = readFileSync(this.file(first), 'utf8');
    rmSync(this.file(first));
    return text;
  }

  /** Takes everything out, in order. */
  drain() {
    const texts = [];
    for (let text = this.take(); text !== null; text = this.take()) texts.push(text);
    return texts;
  }

  get size() {
    return this.numbers().length;
  }

  numbers() {
    return readdirSync(this.directory)
      .map(Number)
      .sort((left, right) => left - right);
  }

  file(number) {
    return join(this.directory, String(number));
  }
}
