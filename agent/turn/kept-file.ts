import { readFileSync } from 'node:fs';
import { GroundcrewError, messageOf } from '../../src/base/errors/error.ts';
import type { Log } from '../../src/base/log.ts';
import { parseSettings } from '../settings.ts';
import { KEPT_VERSION, type Kept, type KeptRun, KeptState, type RunPhase } from './kept.ts';

type Fields = Readonly<Record<string, unknown>>;

const PHASES: ReadonlySet<string> = new Set<RunPhase>(['accepted', 'steps', 'upload', 'finish', 'done', 'dropped']);

/** The state that an earlier process of this agent left, of this version or an earlier one. Throws GC1902. */
export function readState(file: string, log: Log | null = null): KeptState {
  try {
    return new KeptState(parseKept(JSON.parse(readFileSync(file, 'utf8')), file), log);
  } catch (error) {
    if (error instanceof GroundcrewError) throw error;
    throw new GroundcrewError('GC1902', { file, detail: messageOf(error) }, error);
  }
}

/** Checks and completes what a state file holds. Throws GC1902, which names the field. */
export function parseKept(data: unknown, file: string): Kept {
  const fail = (detail: string): never => {
    throw new GroundcrewError('GC1902', { file, detail });
  };
  const fields = isFields(data) ? data : fail('it is not a JSON object');
  const version = fields.version ?? 1;
  if (typeof version !== 'number' || version > KEPT_VERSION) {
    fail(`a newer agent wrote it (version ${String(version)}, and this one knows ${KEPT_VERSION})`);
  }
  const check = (name: string, fits: boolean): void => {
    if (!fits) fail(`"${name}" is not what an agent writes there`);
  };
  for (const name of ['node_id', 'session_secret']) check(name, fields[name] === null || isText(fields[name]));
  check('preflight', fields.preflight === null || isListOf(fields.preflight, isFields));
  check('tasks', isListOf(fields.tasks, isFields));
  check('env', isFields(fields.env) && Object.values(fields.env).every(isText));
  check('baseline', isListOf(fields.baseline, isText));
  const runs = version === 1 ? fromVersionOne(fields) : fields.runs;
  check(version === 1 ? 'run' : 'runs', isListOf(runs, isKeptRun));
  const { node_id, session_secret, preflight, tasks, env, baseline } = fields as unknown as Kept;
  const settings = parseSettings(fields.settings, file);
  return { settings, node_id, session_secret, preflight, tasks, env, baseline, runs: runs as KeptRun[] };
}

/** An agent of before slots kept one run, in the node's only slot. */
function fromVersionOne({ run }: Fields): unknown[] {
  if (run === null || run === undefined) return [];
  if (!isFields(run) || !isFields(run.assignment)) return [run];
  return [{ ...run, log_file: 'run.log', assignment: { ...run.assignment, slot: 0 } }];
}

function isKeptRun(value: unknown): boolean {
  if (!isFields(value) || !isFields(value.assignment)) return false;
  const { run_id, fence, slot, spec } = value.assignment;
  return (
    [run_id, fence, slot].every(Number.isSafeInteger) &&
    isFields(spec) &&
    [value.marker, value.directory, value.log_file].every(isText) &&
    PHASES.has(String(value.phase)) &&
    isListOf(value.steps, isFields) &&
    isListOf(value.groups, (group) => isFields(group) && Number.isSafeInteger(group.pid)) &&
    (value.outcome === null || isFields(value.outcome))
  );
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isListOf(value: unknown, fits: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(fits);
}
