import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { GroundcrewError } from '../../base/errors/error.ts';
import type { NodeId } from '../../base/ids.ts';
import type { AgentMessage } from '../../protocol/agent.ts';
import { type Heard, heardFrom, isHelloOfOne } from './version-one.ts';

/** Longer texts of an agent are cut: they are for people, and stand in rows. */
const TEXT_LONGEST = 2000;
/** Largest log chunk, in base64. */
const DATA_LONGEST = 2 * 2 ** 20;

const Id = Type.Integer({ minimum: 1 });
const Count = Type.Integer({ minimum: 0 });
const Text = Type.String({ maxLength: 100_000 });
const Data = Type.String({ maxLength: DATA_LONGEST });
const Milliseconds = Type.Number({ minimum: 0, maximum: 8e15 });
const orNull = <T extends Type.TSchema>(type: T) => Type.Union([type, Type.Null()]);
const word = <T extends string, P extends Type.TProperties>(type: T, properties: P) =>
  Type.Object({ type: Type.Literal(type), ...properties });
const ofRun = { run_id: Id, fence: Count };

const Facts = Type.Object({
  agent_version: Text,
  hostname: Text,
  kernel: Text,
  cores: Type.Number(),
  memory_bytes: Type.Number(),
  isolation: Text,
});
const Task = Type.Object({
  name: Text,
  outcome: Type.Enum(['ok', 'halt', 'stopped', 'failed']),
  tries: Count,
  duration_ms: Milliseconds,
  detail: Text,
});
const Step = Type.Object({
  ordinal: Type.Integer({ minimum: 0, maximum: 10_000 }),
  name: Text,
  state: Type.Enum(['running', 'passed', 'failed', 'timeout', 'cancelled', 'skipped']),
  exit_code: orNull(Type.Integer({ minimum: -(2 ** 31), maximum: 2 ** 31 - 1 })),
  signal: orNull(Text),
  started_ms: Milliseconds,
  finished_ms: orNull(Milliseconds),
  log_offset: Count,
});
const Outcome = Type.Object({
  state: Type.Enum(['passed', 'failed', 'timeout', 'cancelled', 'infra']),
  reason: Text,
  log_bytes: Count,
  durations_ms: Type.Record(Type.String({ maxLength: 100 }), Milliseconds),
});

const hello = { version: Count, facts: Facts, preflight_done: Type.Boolean() };
const capabilities = Type.Array(Type.String({ maxLength: 100 }), { maxItems: 1000 });
const HELLO_OF_ONE = Compile(word('hello', { ...hello, run: orNull(Type.Object(ofRun)) }));

const WORDS = {
  hello: word('hello', {
    ...hello,
    oldest_version: Count,
    capabilities,
    runs: Type.Array(Type.Object(ofRun), { maxItems: 1000 }),
  }),
  preflight: word('preflight', { ok: Type.Boolean(), tasks: Type.Array(Task, { maxItems: 1000 }) }),
  pull: word('pull', {}),
  acknowledge: word('acknowledge', ofRun),
  heartbeat: word('heartbeat', {}),
  log: word('log', { ...ofRun, offset: Count, data_base64: Data }),
  step: word('step', { ...ofRun, step: Step }),
  finish: word('finish', { ...ofRun, outcome: Outcome }),
  shell_output: word('shell_output', { shell_id: Text, data_base64: Data }),
  shell_taken: word('shell_taken', { shell_id: Text, bytes: Count }),
  shell_end: word('shell_end', { shell_id: Text, exit_code: orNull(Type.Integer()) }),
} satisfies Record<AgentMessage['type'], Type.TSchema>;

const CHECKS = new Map(Object.entries(WORDS).map(([type, schema]) => [type, Compile(schema)]));

interface WordError {
  instancePath: string;
  message: string;
}

/**
 * An agent runs beside the payload, which may have taken it over: what it says is looked at like anybody's input.
 * Texts lose what PostgreSQL cannot keep (NUL, halves of characters) and what is too long. Errors: GC1646.
 */
export function checkWord(node_id: NodeId, message: Heard): AgentMessage {
  const { type } = message;
  const check: { Check(value: unknown): boolean; Errors(value: unknown): Iterable<WordError> } | undefined =
    isHelloOfOne(message) ? HELLO_OF_ONE : CHECKS.get(type);
  if (!check) throw new GroundcrewError('GC1646', { node: node_id, detail: 'a word of an unknown type' });
  if (!check.Check(message)) {
    const first = [...check.Errors(message)][0];
    const detail = `${type}${first?.instancePath ?? ''} ${first?.message ?? 'does not fit'}`;
    throw new GroundcrewError('GC1646', { node: node_id, detail });
  }
  if (message.type === 'log' || message.type === 'shell_output') return message;
  return heardFrom(cleaned(message) as Heard);
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '').slice(0, TEXT_LONGEST).toWellFormed();
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [cleaned(key), cleaned(part)]));
}
