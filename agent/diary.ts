import { writeSync } from 'node:fs';
import { type Clock, dateFrom } from '../src/base/clock.ts';
import type { Log } from '../src/base/log.ts';

/**
 * The agent's own log, one JSON line an event on standard error, in the shape that the server's has. Without pino, which
 * costs 9 MB of memory on every node.
 */
export function openDiary(clock: Clock, fields: object = {}): Log {
  const write = (level: string, more: object, message: string): void => {
    const time = dateFrom(clock.now_ms()).toISOString();
    try {
      writeSync(2, `${JSON.stringify({ level, time, ...fields, ...more, msg: message })}\n`);
    } catch {
      // Nobody reads it any more: no reason to end a run.
    }
  };
  return {
    debug: () => {},
    info: (more, message) => write('info', more, message),
    warn: (more, message) => write('warn', more, message),
    error: (more, message) => write('error', more, message),
    child: (more) => openDiary(clock, { ...fields, ...more }),
  };
}
