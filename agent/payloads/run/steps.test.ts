import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import type { StepReport } from '../../../src/protocol/agent.ts';
import type { Context } from '../../context.ts';
import { openDiary } from '../../diary.ts';
import { LogSpool } from '../../link/log/spool.ts';
import type { Fifo } from '../../processes/fifo.ts';
import type { PayloadProcesses } from '../../processes/payload.ts';
import { parseSettings } from '../../settings.ts';
import { assignment, step } from '../../testing/harness.ts';
import { type KeptRun, newState } from '../../turn/kept.ts';
import { RunEnding } from './ending.ts';
import { runSteps, type StepHost } from './steps.ts';

let directory: string;
let pid: number | null = null;
const fifos: Fifo[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'steps-'));
});
afterEach(() => {
  if (pid !== null) process.kill(-pid, 'SIGKILL');
  pid = null;
  for (const fifo of fifos.splice(0)) fifo.reader.destroy();
  rmSync(directory, { recursive: true, force: true });
});

/** A run whose processes survive everything, as those that hang in the kernel do. */
function hostOf(steps: StepReport[], signal: AbortSignal, timeout_ms: number): StepHost {
  const state_file = join(directory, 'state.json');
  const settings = parseSettings({ server_url: 'unix:/nowhere', token: 'x', workspace: directory, state_file }, 'test');
  const state = newState(settings, []);
  const run: KeptRun = {
    assignment: assignment({ steps: [step('sleep 100', { timeout_ms })] }),
    marker: 'marker',
    phase: 'steps',
    log_file: 'run.log',
    directory,
    steps: [],
    groups: [],
    outcome: null,
  };
  const [clock, random] = [systemClock, systemRandom];
  const context: Context = {
    ...{ clock, random, log: openDiary(clock), settings, limits: settings.limits, state },
    ...{ baseline: new Set(), shells: new Set(), payloads: new Set(), program: [] },
  };
  const processes = { add: () => {}, end: async () => false } as unknown as PayloadProcesses;
  return {
    ...{ context, run, signal, processes, spool: new LogSpool(join(directory, 'run.log'), 1000) },
    grown: () => {},
    started: (group) => {
      pid = group.pid;
    },
    report: (report) => void steps.push(report),
  };
}

test('a step whose process cannot be killed ends by its timeout all the same', async () => {
  const steps: StepReport[] = [];
  const host = hostOf(steps, new AbortController().signal, 100);
  await expect(runSteps(host, fifos)).rejects.toThrow('step "test" took longer than 100 ms');
  expect(steps.at(-1)).toMatchObject({ state: 'timeout', exit_code: null, signal: null });
});

test('and by the end of its run', async () => {
  const steps: StepReport[] = [];
  const ending = new AbortController();
  const host = hostOf(steps, ending.signal, 60_000);
  const begun = host.started;
  host.started = (group) => {
    begun(group);
    ending.abort(new RunEnding('cancelled', 'enough'));
  };
  await expect(runSteps(host, fifos)).rejects.toThrow('enough');
  expect(steps.at(-1)).toMatchObject({ state: 'cancelled' });
});
