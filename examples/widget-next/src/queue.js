import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readData } from './platform.js';

/** Remembers the order of each queue's entries, so that the next start need not sort them. */
const INDEX = '.cache/queue-order.json';

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

  /** Takes everything out, in order; looks at the directory once, not once an entry. */
  drain() {
    const listed = this.listed();
    const index = readIndex();
    const remembered = index[basename(this.directory)] ?? [];
    const isComplete = listed.every((number) => remembered.includes(number));
    const order = isComplete ? remembered.filter((number) => listed.includes(number)) : listed;
    const texts = order.map((number) => readFileSync(this.file(number), 'utf8'));
    for (const number of listed) rmSync(this.file(number));
    writeIndex({ ...index, [basename(this.directory)]: listed.toSorted((left, right) => left - right) });
    return texts;
  }

  get size() {
    return this.numbers().length;
  }

  /** The entries in the order in which the environment lists a directory. */
  listed() {
    return readData('platform').listing === 'newest first' ? this.numbers().reverse() : this.numbers();
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

function readIndex() {
  try {
    return JSON.parse(readFileSync(INDEX, 'utf8'));
  } catch {
    return {};
  }
}

function writeIndex(index) {
  mkdirSync('.cache', { recursive: true });
  writeFileSync(INDEX, JSON.stringify(index));
}
