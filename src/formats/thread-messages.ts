import type { TestBatch } from './batch.ts';
import type { ParseLimits, ParseReport } from './contract.ts';

/** To the parser thread. A file is `begin`, its bytes, `end`; one file at a time. */
export type ToParser =
  | { type: 'begin'; format: string; limits: ParseLimits }
  | { type: 'bytes'; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'end' };

/** From the parser thread. `taken` answers each `bytes`, after the batches that came of it, and gives their memory back. */
export type FromParser =
  | { type: 'batch'; batch: TestBatch }
  | { type: 'taken'; stopped: boolean; memory: ArrayBuffer }
  | { type: 'report'; report: ParseReport };
