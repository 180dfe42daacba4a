import { type DestinationStream, pino, stdTimeFunctions } from 'pino';

/** A structured log: one JSON line an event. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** The same log with these fields on every line. */
  child(fields: object): Log;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Headers and fields that carry secrets never reach a line. */
const SECRET_FIELDS = [
  'token',
  'secret',
  'password',
  'authorization',
  '*.token',
  '*.secret',
  '*.password',
  '*.authorization',
];

/** A log to standard error, so that standard output stays a command's answer. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      redact: SECRET_FIELDS,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
}

/** Says nothing: for tests. */
export const silentLog: Log = createLog('silent');
