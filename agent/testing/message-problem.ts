import type { AgentMessage } from '../../src/protocol/agent.ts';

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const oneOf =
  (...words: string[]): Check =>
  (value) =>
    words.includes(value as string);
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
/** Exactly these fields: one too many is wrong like one missing. */
const object =
  (fields: Record<string, Check>): Check =>
  (value) => {
    if (typeof value !== 'object' || value === null) return false;
    const names = Object.keys(value);
    if (names.some((name) => !(name in fields))) return false;
    return Object.entries(fields).every(([name, check]) => check((value as Record<string, unknown>)[name]));
  };
const numbers: Check = (value) =>
  typeof value === 'object' && value !== null && Object.values(value).every((part) => typeof part === 'number');

const run = { run_id: count, fence: count };
const step = object({
  ordinal: count,
  name: text,
  state: oneOf('running', 'passed', 'failed', 'timeout', 'cancelled', 'skipped'),
  exit_code: orNull(count),
  signal: orNull(text),
  started_ms: count,
  finished_ms: orNull(count),
  log_offset: count,
});
const facts = object({
  agent_version: text,
  hostname: text,
  kernel: text,
  cores: count,
  memory_bytes: count,
  isolation: text,
});
const task = object({
  name: text,
  outcome: oneOf('ok', 'halt', 'stopped', 'failed'),
  tries: count,
  duration_ms: count,
  detail: text,
});
const outcome = object({
  state: oneOf('passed', 'failed', 'timeout', 'cancelled', 'infra'),
  reason: text,
  log_bytes: count,
  durations_ms: numbers,
});

const WORDS: Record<AgentMessage['type'], Record<string, Check>> = {
  hello: {
    ...{ version: count, oldest_version: count, capabilities: list(text) },
    ...{ facts, runs: list(object(run)), preflight_done: flag },
  },
  preflight: { ok: flag, tasks: list(task) },
  pull: {},
  acknowledge: run,
  heartbeat: {},
  log: { ...run, offset: count, data_base64: text },
  step: { ...run, step },
  finish: { ...run, outcome },
  shell_output: { shell_id: text, data_base64: text },
  shell_taken: { shell_id: text, bytes: count },
  shell_end: { shell_id: text, exit_code: orNull(count) },
};

/** What is wrong with the shape of a word of the agent; null when nothing is. */
export function problemOf(value: unknown): string | null {
  const { type, ...rest } = value as { type: AgentMessage['type'] };
  const fields = WORDS[type];
  if (!fields) return `unknown word ${String(type)}`;
  return object(fields)(rest) ? null : `wrong shape: ${JSON.stringify(value).slice(0, 300)}`;
}
