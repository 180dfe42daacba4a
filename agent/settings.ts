import { readFileSync } from 'node:fs';
import { GroundcrewError, messageOf } from '../src/base/errors/error.ts';
import {
  AGENT_CUT_OFF_MS,
  HEARTBEAT_INTERVAL_MS,
  LOG_WINDOW_BYTES,
  PULL_INTERVAL_MS,
  RUN_FILES_MOST,
} from '../src/protocol/agent.ts';

/** Bounds and intervals; the agent file may change them (`limits`), which tests do. */
export const AGENT_LIMITS = {
  /** Without the server for this long the payload is ended. */
  cut_off_ms: AGENT_CUT_OFF_MS,
  /** And the agent itself only after this, the longest hold: a node and its evidence outlive an outage of the server. */
  abandoned_ms: 30 * 86_400_000,
  heartbeat_ms: HEARTBEAT_INTERVAL_MS,
  pull_ms: PULL_INTERVAL_MS,
  /** Without any word or pong for this long the connection counts as dead and is dialled anew. */
  silence_ms: 20_000,
  reconnect_most_ms: 5_000,
  /** An acknowledgement, a log chunk or a finish without an answer is sent again after this. */
  answer_ms: 2_000,
  log_answer_ms: 15_000,
  log_window_bytes: LOG_WINDOW_BYTES,
  /** Longest log of a run; what comes after is dropped with a line that says so. */
  log_bytes: 2 ** 30,
  /** Between SIGTERM and SIGKILL. */
  grace_ms: 5_000,
  /**
   * How long checkout, and upload of one file, are tried while the server does not answer; and how long the process that
   * reads the workspace may say nothing.
   */
  transfer_ms: 300_000,
  /** Files under way at once: many small ones wait mostly for the server. */
  uploads_at_once: 4,
  checkout_entries: 1_000_000,
  checkout_bytes: 20 * 2 ** 30,
  /** Of each kind; both together are bounded by what the server takes. */
  result_count: RUN_FILES_MOST,
  artifact_count: 2_000,
  /** Of results and artifacts together. */
  artifact_bytes: 10 * 2 ** 30,
};
export type AgentLimits = typeof AGENT_LIMITS;

/** What this node may use of its machine, so that nobody takes the machine's own size for it. */
export interface Bounds {
  /** Null: all of the machine's. */
  cores: number | null;
  memory_bytes: number | null;
  /** Directories of its cgroups, where the node sees them; nothing else is in these. */
  cgroups: string[];
}

/** What the driver tells the agent, by the JSON file that GROUNDCREW_AGENT_FILE names. */
export interface Settings {
  /** `unix:/path/to/socket`, `http://host:port` or `https://host:port`. */
  server_url: string;
  /** The registration token: works once. */
  token: string;
  workspace: string;
  payload_user: { uid: number; gid: number } | null;
  /** Arguments before every command of the payload, so that it runs as its own user; empty: started directly. */
  payload_command: string[];
  state_file: string;
  /** For the node's facts: how the payload is kept apart. */
  isolation: string;
  bounds: Bounds;
  limits: AgentLimits;
}

/** Reads the agent file. Throws GC1902 that says what is wrong with it. */
export function readAgentFile(file: string): Settings {
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new GroundcrewError('GC1902', { file, detail: messageOf(error) }, error);
  }
  return parseSettings(data, file);
}

/** Checks and completes settings from a file. Throws GC1902. */
export function parseSettings(data: unknown, file: string): Settings {
  const fail = (detail: string): never => {
    throw new GroundcrewError('GC1902', { file, detail });
  };
  if (typeof data !== 'object' || data === null) fail('it is not a JSON object');
  const fields = data as Record<string, unknown>;
  const text = (name: string): string => {
    const value = fields[name];
    return typeof value === 'string' && value !== '' ? value : fail(`"${name}" must be a text that is not empty`);
  };
  const server_url = text('server_url');
  if (!/^(unix:\/|https?:\/\/)/.test(server_url)) fail('"server_url" must begin with unix:/, http:// or https://');
  const payload_command = fields.payload_command ?? [];
  if (!Array.isArray(payload_command) || payload_command.some((part) => typeof part !== 'string')) {
    fail('"payload_command" must be a list of texts');
  }
  for (const name of ['workspace', 'state_file']) {
    if (!text(name).startsWith('/')) fail(`"${name}" must be an absolute path`);
  }
  return {
    server_url,
    token: text('token'),
    workspace: text('workspace'),
    payload_user: (fields.payload_user ?? null) as Settings['payload_user'],
    payload_command: payload_command as string[],
    state_file: text('state_file'),
    isolation: typeof fields.isolation === 'string' ? fields.isolation : 'none',
    bounds: { cores: null, memory_bytes: null, cgroups: [], ...(fields.bounds as Partial<Bounds> | undefined) },
    limits: { ...AGENT_LIMITS, ...(fields.limits as Partial<AgentLimits> | undefined) },
  };
}
