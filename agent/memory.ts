import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * V8 lets memory outside its heap (every buffer that the network takes) grow by 64 MiB before it collects what nobody
 * holds any more; a machine under test has better use for it. So much log at once asks for a small collection after this
 * much.
 */
const COLLECT_BYTES = 2 ** 20;

let collect: ((options: { type: 'minor' }) => void) | null = null;
let passed_bytes = 0;

/** Tells that this many bytes went through buffers that are garbage now. */
export function passedThrough(bytes: number): void {
  passed_bytes += bytes;
  if (passed_bytes < COLLECT_BYTES) return;
  passed_bytes = 0;
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as typeof collect;
  }
  collect?.({ type: 'minor' });
}
