import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { messageOf } from '../../src/base/errors/error.ts';
import type { Log } from '../../src/base/log.ts';
import type { RunOutcome, StepReport, TaskReport, TaskSpec } from '../../src/protocol/agent.ts';
import type { Assignment } from '../../src/protocol/job.ts';
import type { Settings } from '../settings.ts';

/**
 * How far the run is. `accepted`: nothing of the payload was started. `steps`: it may have been. `upload`: it is over
 * and `outcome` says how. `finish`: everything is up, only the end is to be said. `done`: the server has it, the node is
 * frozen. `dropped`: another fence is current, nothing is said any more.
 */
export type RunPhase = 'accepted' | 'steps' | 'upload' | 'finish' | 'done' | 'dropped';

export interface KeptRun {
  assignment: Assignment;
  /** Random: in the environment of each of its processes, so that those that went their own way are found again. */
  marker: string;
  phase: RunPhase;
  directory: string;
  /** Beside the state file. */
  log_file: string;
  steps: StepReport[];
  /** Process groups that were started for it, each with its start time: a pid alone is no identity. */
  groups: { pid: number; start_ticks: number | null }[];
  outcome: RunOutcome | null;
}

/** Of the state file. Version 1 had none, and one run. A change of its fields takes the next, and a line in `kept-file.ts`. */
export const KEPT_VERSION = 2;

/** Everything that the agent must know after its own SIGKILL. */
export interface Kept {
  settings: Settings;
  node_id: string | null;
  session_secret: string | null;
  preflight: TaskReport[] | null;
  /** As the welcome told them, for a run that begins between two connections. */
  tasks: TaskSpec[];
  env: Record<string, string>;
  /** By the time at which they came; a slot has one at most. */
  runs: KeptRun[];
  /** Processes (pid and start time) that were there before the agent's first start. */
  baseline: string[];
}

/**
 * The state file: written whole to a neighbour and renamed, mode 0600, so that it is always the old or the new one.
 * Once the agent works, a disk that takes nothing more must not silence it: what happened counts in memory, and the
 * file is behind until a later writing. An older state is safe to begin from: no payload is started by it again, and the
 * server knows what it was told.
 */
export class KeptState {
  readonly value: Kept;
  readonly #log: Log | null;
  #isBehind = false;

  constructor(value: Kept, log: Log | null = null) {
    this.value = value;
    this.#log = log;
  }

  /** Changes the state and writes it before returning; false when it could not be written, which is logged. */
  update(change: (kept: Kept) => void): boolean {
    change(this.value);
    try {
      this.write();
      return true;
    } catch (error) {
      // Said once: every word and step of a run comes here.
      if (!this.#isBehind) this.#log?.error({ reason: messageOf(error) }, 'the state cannot be kept, and is in memory');
      this.#isBehind = true;
      return false;
    }
  }

  /** Writes again what could not be written before. */
  catchUp(): void {
    if (this.#isBehind) this.update(() => {});
  }

  /** Writes the state as it is. Throws when the file cannot be written; it is as before then. */
  write(): void {
    const file = this.value.settings.state_file;
    const draft = `${file}.new`;
    try {
      // Not one writing of the system's: that may take a part and say so, and half a state would be renamed.
      writeFileSync(draft, JSON.stringify({ version: KEPT_VERSION, ...this.value }), { mode: 0o600 });
      renameSync(draft, file);
    } catch (error) {
      forget(draft);
      throw error;
    }
    if (this.#isBehind) this.#log?.info({}, 'the state is kept again');
    this.#isBehind = false;
  }
}

/** Half a draft on a full disk takes the room of the next one. */
function forget(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {
    // The error of the writing says more.
  }
}

/** A state for an agent that starts for the first time. */
export function newState(settings: Settings, baseline: string[], log: Log | null = null): KeptState {
  const nothing = { node_id: null, session_secret: null, preflight: null, tasks: [], env: {}, runs: [] };
  return new KeptState({ settings, ...nothing, baseline }, log);
}
