import type { NodeId, RunId } from '../base/ids.ts';
import type { Assignment } from './job.ts';

/**
 * What an agent and the server say to each other: JSON text frames over the websocket `AGENT_PATHS.connect`, in both
 * directions. The agent dials; a one-use registration token or, once welcomed, the session secret goes in the
 * Authorization header (`Bearer …`). Bulk data (checkout, artifacts) goes by HTTP with the session secret.
 *
 * The order of words on each connection:
 * 1. The agent's first word is `hello`, the server's first is `welcome`. A refused bearer is HTTP 401 to the upgrade.
 * 2. Of each run that `hello` named the server then says how much of its log it keeps (`log_ack`), or `finish_ack` when it
 *    has its end already, or `stale`. The agent says again everything that has no answer of its own: its pre-flight
 *    report, the steps of its run, and its `finish` until `finish_ack`. Every word may come twice.
 * 3. `acknowledge` is answered with `log_ack` (the bytes kept, 0 at first) or `stale`. The payload does not start
 *    before that answer, so that an acknowledgement that came too late never runs a payload twice at once; the agent
 *    says `acknowledge` again every 2 s until then.
 * 4. A `log` word that overlaps what is kept is cut to its new part; one that begins beyond it is not kept, and
 *    answered with `log_ack` and `resend: true`. Acknowledgements may be joined: one for many words.
 * 5. A word with a fence that is not current is answered with `stale`.
 *
 * Which versions each end speaks: `agent-versions.ts`. Version 1 knew one run at a time: `src/flow/agents/version-one.ts`
 * says how its two words differ.
 */
export const AGENT_PATHS = {
  connect: '/agent/v1/connect',
  /** GET: the sources as tar.gz. */
  checkout: (runId: number, fence: number) => `/agent/v1/runs/${runId}/${fence}/checkout`,
  /**
   * PUT: one artifact. Query: `path` (relative, `/` between its parts), `kind` (`artifact` or `result`), `ordinal`, `size`
   * (of the whole file, bytes), `offset` (where this body begins, default 0), and for results `format`. Headers:
   * Content-Length (of this body) and X-Content-SHA256 (of the whole file, lower-case hex). Resumable: HEAD with the same
   * query answers 200 with X-Kept-Bytes, and X-Complete: true when the whole file is stored; a server that keeps no parts
   * says 0. Answers: 2xx stored (also when it was before), 409 the offset is not what is kept (ask again), 410 the fence
   * is not current, 413 too large, 422 size or hash do not fit (nothing is kept); anything else is tried again later.
   */
  artifact: (runId: number, fence: number) => `/agent/v1/runs/${runId}/${fence}/artifact`,
} as const;

/** The agent pulls its assignment on connect and as often as this. */
export const PULL_INTERVAL_MS = 20_000;
/** An assignment not acknowledged within this time is given to another node. */
export const ACKNOWLEDGE_WITHIN_MS = 10_000;
export const HEARTBEAT_INTERVAL_MS = 5_000;
/** An agent is called silent beyond this: one heartbeat may come late. */
export const AGENT_SILENT_AFTER_MS = 2 * HEARTBEAT_INTERVAL_MS;
/** A running run whose agent is silent for this much API-alive time is lost. */
export const RUN_LEASE_MS = 60_000;
/**
 * An agent cut off for this long (its own monotonic time) ends its payload. A lost run starts elsewhere only after its
 * machine is destroyed or this much time has passed, so that it never runs twice at once.
 */
export const AGENT_CUT_OFF_MS = 600_000;
/** Log bytes in flight without acknowledgement; beyond it the agent stops reading from the payload. */
export const LOG_WINDOW_BYTES = 4 * 2 ** 20;
/** Largest log chunk in one message. */
export const LOG_CHUNK_BYTES = 64 * 2 ** 10;
/** Results and artifacts of one run, at most. */
export const RUN_FILES_MOST = 10_000;

/** A pre-flight task as the server hands it out with the welcome. */
export interface TaskSpec {
  name: string;
  /** A script for `sh -e`, or the name of a built-in (`builtin:disk`, `builtin:network`, `builtin:clock`, `builtin:workspace`). */
  run: string;
  timeout_ms: number;
  tries: number;
}

export interface TaskReport {
  name: string;
  /** `halt`: exit code 2, the node needs attention; `stopped`: exit code 3, quietly; `failed`: every try failed. */
  outcome: 'ok' | 'halt' | 'stopped' | 'failed';
  tries: number;
  duration_ms: number;
  /** One line for people, for example `81 % free`. */
  detail: string;
}

export interface NodeFacts {
  agent_version: string;
  hostname: string;
  kernel: string;
  cores: number;
  memory_bytes: number;
  /** How the payload is kept apart from the agent and the host. */
  isolation: string;
}

export type StepState = 'running' | 'passed' | 'failed' | 'timeout' | 'cancelled' | 'skipped';

export interface StepReport {
  ordinal: number;
  name: string;
  state: StepState;
  exit_code: number | null;
  signal: string | null;
  /** The agent's wall clock, milliseconds since 1970. */
  started_ms: number;
  finished_ms: number | null;
  /** Where its output begins in the run's log. */
  log_offset: number;
}

/** How the payload ended, in the agent's words; the server makes the verdict. */
export interface RunOutcome {
  state: 'passed' | 'failed' | 'timeout' | 'cancelled' | 'infra';
  /** One sentence, for example `step "test" exited 1`. */
  reason: string;
  log_bytes: number;
  /** Milliseconds of each part: `checkout`, `steps`, `upload`. */
  durations_ms: Record<string, number>;
}

/** What the agent still does when it (re)connects: one for each slot at most. */
export interface ActiveRun {
  run_id: RunId;
  fence: number;
}

export type AgentMessage =
  /** `preflight_done`: the tasks have ended, well or not; the report follows the welcome. */
  | {
      type: 'hello';
      /** The newest that it speaks, and the oldest. */
      version: number;
      oldest_version: number;
      capabilities: readonly string[];
      facts: NodeFacts;
      runs: ActiveRun[];
      preflight_done: boolean;
    }
  | { type: 'preflight'; ok: boolean; tasks: TaskReport[] }
  | { type: 'pull' }
  | { type: 'acknowledge'; run_id: RunId; fence: number }
  | { type: 'heartbeat' }
  | { type: 'log'; run_id: RunId; fence: number; offset: number; data_base64: string }
  | { type: 'step'; run_id: RunId; fence: number; step: StepReport }
  /** Sent again until `finish_ack`; every log byte and artifact was acknowledged before. */
  | { type: 'finish'; run_id: RunId; fence: number; outcome: RunOutcome }
  | { type: 'shell_output'; shell_id: string; data_base64: string }
  /** So many more bytes of input have left the agent: for the shell, or for nobody when it reads no more. */
  | { type: 'shell_taken'; shell_id: string; bytes: number }
  | { type: 'shell_end'; shell_id: string; exit_code: number | null };

export type ServerMessage =
  /**
   * `session_secret` replaces the one-use token; null on a reconnect with it. A welcome may get lost: the token gives
   * another secret until the agent's next word, or its coming back with the secret, spends it.
   */
  | {
      type: 'welcome';
      /** In which both go on. */
      version: number;
      node_id: NodeId;
      epoch: number;
      session_secret: string | null;
      preflight: TaskSpec[];
      env: Record<string, string>;
      /** How many runs the node takes, each in a slot of its own. */
      slots: number;
    }
  /** All that the node is to do and has not acknowledged: the answer to `pull`, and when there is more. */
  | { type: 'assignments'; assignments: Assignment[] }
  /**
   * Everything below `offset` is kept. The agent goes back to it when it is below an earlier acknowledgement, or when
   * `resend` is set, and forward when it is beyond what the agent has sent (after its own restart).
   */
  | { type: 'log_ack'; run_id: RunId; fence: number; offset: number; resend?: boolean }
  | { type: 'finish_ack'; run_id: RunId; fence: number }
  | { type: 'cancel'; run_id: RunId; fence: number; reason: string }
  /** The fence is not current: whatever the agent does for it is to end without a word. */
  | { type: 'stale'; run_id: RunId; fence: number }
  /**
   * A shell for a person on a held or ready node: the agent starts it in the last run's working directory as the
   * payload's user. Without `command` it has a terminal; `command` runs on plain pipes (bytes unchanged) and its exit
   * code is reported. Shells end with the connection.
   */
  | { type: 'shell_open'; shell_id: string; rows: number; columns: number; command: string | null }
  | { type: 'shell_input'; shell_id: string; data_base64: string }
  | { type: 'shell_close'; shell_id: string }
  /** The node is to be deleted: the agent ends itself. */
  | { type: 'retire'; reason: string };
