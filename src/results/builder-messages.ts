import type { TestBatch } from '../formats/batch.ts';
import type { BuiltResults } from './builder.ts';

/** Open files for the thread; they stay the property of whoever opened them. */
export interface BuilderFiles {
  sorted: number;
  texts: number;
  output: number;
}

/** To the builder thread. */
export type ToBuilder = { type: 'add'; file: number; batch: TestBatch } | { type: 'finish' };

/** From it: one `added` for each `add`, `built` for `finish`. */
export type FromBuilder = { type: 'added' } | { type: 'built'; built: Omit<BuiltResults, 'spool'> };
