import type { Paint } from './paint.ts';
import { plainText } from './plain.ts';
import { cutTo } from './width.ts';

/** More fields than these are left out on a line for people; `--log-format json` has them all. */
const MOST_FIELDS = 4;
const FIELD_CHARACTERS = 60;
/** What went wrong is never cut as short as the rest. */
const REASON_CHARACTERS = 300;
const REASONS = ['error', 'err', 'reason', 'why', 'detail'];

/** What pino calls it. */
const MESSAGE_KEY = 'msg';

/** A line of the log for a person at a terminal: `12:34:56 ! a run could not be read  run=7`, times in UTC. */
export function logLine(json: string, paint: Paint): string {
  const fields = parsed(json);
  if (fields === null) return plainText(json);
  const { level, time, [MESSAGE_KEY]: message, ...rest } = fields;
  const shown = Object.entries(rest).filter(([, value]) => value !== null && value !== undefined);
  const told = shown.slice(0, MOST_FIELDS).map(([name, value]) => field(name, value));
  const left = shown.length > told.length ? ['…'] : [];
  const head = `${paint.quiet(String(time).slice(11, 19))} ${sign(level, paint)} ${plainText(String(message))}`;
  return [head, paint.quiet([...told, ...left].join(' '))].filter((part) => part !== paint.quiet('')).join('  ');
}

function parsed(json: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function sign(level: unknown, paint: Paint): string {
  if (level === 'error') return paint.bad('✗');
  return level === 'warn' ? paint.odd('!') : '·';
}

function field(name: string, value: unknown): string {
  const message = typeof value === 'object' && value !== null && 'message' in value ? String(value.message) : null;
  const text = message ?? (typeof value === 'string' ? value : JSON.stringify(value));
  return `${plainText(name)}=${cutTo(plainText(text), REASONS.includes(name) ? REASON_CHARACTERS : FIELD_CHARACTERS)}`;
}
