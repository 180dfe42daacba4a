import { formatSize } from '../../base/units.ts';
import type { Context } from '../context.ts';

/** Often enough to look alive. */
const DRAW_EVERY_MS = 100;
/** What is done sooner needs no bar. */
const SILENT_MS = 300;
const BAR_CHARACTERS = 24;

/** How far long work is, on one line of standard error that goes when it is done; nothing in a pipe. */
export interface Progress {
  add(bytes: number): void;
  end(): void;
}

/** Without a total, only how much was moved is shown. */
export function startProgress(context: Context, label: string, total_bytes: number | null): Progress {
  const { stderr } = context.home;
  const { clock } = context;
  if (stderr.isTTY !== true || context.json) return { add: () => undefined, end: () => undefined };
  const started_ms = clock.monotonic_ms();
  let drawn_ms = started_ms + SILENT_MS - DRAW_EVERY_MS;
  let bytes = 0;
  let isDrawn = false;
  return {
    add(more) {
      bytes += more;
      const now_ms = clock.monotonic_ms();
      if (now_ms - drawn_ms < DRAW_EVERY_MS) return;
      drawn_ms = now_ms;
      isDrawn = true;
      const rate = `${formatSize(Math.round((bytes * 1000) / Math.max(1, now_ms - started_ms)))}/s`;
      stderr.write(`\r\u001b[2K  ${progressText(label, bytes, total_bytes)}  ${rate}`);
    },
    end() {
      if (isDrawn) stderr.write('\r\u001b[2K');
    },
  };
}

/** `export  ██████░░░░  12.3 MiB of 40.0 MiB`. */
export function progressText(label: string, bytes: number, total_bytes: number | null): string {
  if (total_bytes === null || total_bytes <= 0) return `${label}  ${formatSize(bytes)}`;
  const part = Math.min(1, bytes / total_bytes);
  const done = Math.round(part * BAR_CHARACTERS);
  const bar = `${'█'.repeat(done)}${'░'.repeat(BAR_CHARACTERS - done)}`;
  return `${label}  ${bar}  ${formatSize(bytes)} of ${formatSize(total_bytes)}`;
}
