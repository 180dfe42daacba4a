import { closeSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { GroundcrewError, messageOf } from '../src/base/errors/error.ts';
import type { RunOutcome, StepReport, TaskReport, TaskSpec } from '../src/protocol/agent.ts';
import type { Assignment } from '../src/protocol/job.ts';
import { parseSettings, type Settings } from './settings.ts';

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
  steps: StepReport[];
  /** Process groups that were started for it, each with its start time: a pid alone is no identity. */
  groups: { pid: number; start_ticks: number | null }[];
  outcome: RunOutcome | null;
}

/** Everything that the agent must know after its own SIGKILL. */
export interface Kept {
  settings: Settings;
  node_id: string | null;
  session_secret: string | null;
  preflight: TaskReport[] | null;
  /** As the welcome told them, for a run that begins between two connections. */
  tasks: TaskSpec[];
  env: Record<string, string>;
  run: KeptRun | null;
  /** Processes (pid and start time) that were there before the agent's first start. */
  baseline: string[];
}

/** The state file: written whole to a neighbour and renamed, mode 0600, so that it is always the old or the new one. */
export class KeptState {
  readonly value: Kept;

  constructor(value: Kept) {
    this.value = value;
  }

  /** Changes the state and writes it before returning. Throws when the file cannot be written. */
  update(change: (kept: Kept) => void): void {
    change(this.value);
    const file = this.value.settings.state_file;
    const draft = `${file}.new`;
    const descriptor = openSync(draft, 'w', 0o600);
    try {
      writeSync(descriptor, JSON.stringify(this.value));
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
  }
}

/** A state for an agent that starts for the first time. */
export function newState(settings: Settings, baseline: string[]): KeptState {
  return new KeptState({
    settings,
    node_id: null,
    session_secret: null,
    preflight: null,
    tasks: [],
    env: {},
    run: null,
    baseline,
  });
}

/** The state that an earlier process of this agent left. Throws GC1902. */
export function readState(file: string): KeptState {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as Kept;
    return new KeptState({ ...value, settings: parseSettings(value.settings, file) });
  } catch (error) {
    if (error instanceof GroundcrewError) throw error;
    throw new GroundcrewError('GC1902', { file, detail: messageOf(error) }, error);
  }
}
