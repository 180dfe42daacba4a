import { dirname } from 'node:path';
import { messageOf } from '../../../src/base/errors/error.ts';
import { formatDuration, formatSize } from '../../../src/base/units.ts';
import type { StepReport, StepState } from '../../../src/protocol/agent.ts';
import type { StepSpec } from '../../../src/protocol/job.ts';
import type { Context } from '../../context.ts';
import type { LogSpool } from '../../link/log/spool.ts';
import { SCRIPT_BYTES, startScript } from '../../processes/command.ts';
import { type Fifo, openFifo } from '../../processes/fifo.ts';
import { howStepEnded, killedForMemory } from '../../processes/out-of-memory.ts';
import type { PayloadProcesses } from '../../processes/payload.ts';
import type { KeptRun } from '../../turn/kept.ts';
import { type RunEnding, RunFailure } from './ending.ts';
import { stepEnvironment } from './environment.ts';

/** What the steps need of their run. */
export interface StepHost {
  context: Context;
  run: KeptRun;
  spool: LogSpool;
  /** The log has grown. */
  grown(): void;
  processes: PayloadProcesses;
  /** A group was started: remembered before anything else happens. */
  started(group: { pid: number; start_ticks: number | null }): void;
  report(step: StepReport): void;
  /** Aborted with a `RunEnding`. */
  signal: AbortSignal;
}

/** Output that came before a step's end is read at most this long after it; what a stray writes later still counts. */
const DRAIN_MOST_MS = 1_000;
const DRAIN_QUIET_MS = 50;

/**
 * Runs the steps in their order; after the first that does not pass the others are skipped. Background processes of a
 * step live on for the next ones. Throws `RunFailure` for the step that did not pass, or the signal's reason.
 */
export async function runSteps(host: StepHost, fifos: Fifo[]): Promise<void> {
  const { steps } = host.run.assignment.spec;
  let failure: unknown = null;
  for (const [ordinal, step] of steps.entries()) {
    if (failure !== null) {
      host.report(finished(begin(host, ordinal, step), 'skipped', host.context.clock.now_ms()));
      continue;
    }
    try {
      host.signal.throwIfAborted();
      await runStep(host, ordinal, step, fifos);
    } catch (error) {
      failure = error;
    }
  }
  if (failure !== null) throw failure;
}

function begin(host: StepHost, ordinal: number, step: StepSpec): StepReport {
  return {
    ordinal,
    name: step.name,
    state: 'running',
    exit_code: null,
    signal: null,
    started_ms: host.context.clock.now_ms(),
    finished_ms: null,
    log_offset: host.spool.size_bytes(),
  };
}

function finished(report: StepReport, state: StepState, finished_ms: number): StepReport {
  return { ...report, state, finished_ms };
}

async function runStep(host: StepHost, ordinal: number, step: StepSpec, fifos: Fifo[]): Promise<void> {
  const { clock, limits, settings } = host.context;
  const killed_before = killedForMemory(settings.bounds);
  const report = begin(host, ordinal, step);
  host.report(report);
  const end = (state: StepState, exit?: StepExit): void =>
    host.report({ ...finished(report, state, clock.now_ms()), ...exit });
  let timed_out = false;
  let ending: Promise<unknown> | null = null;
  const survived = Promise.withResolvers<StepExit>();
  const stop = (): void => {
    ending ??= host.processes.end(limits.grace_ms).then((isGone) => {
      // Not even SIGKILL ends a process in the depth of the kernel: it is not waited for.
      if (!isGone) survived.resolve({ exit_code: null, signal: null });
    });
  };
  const output = await startStep(host, ordinal, step, fifos).catch((error) => {
    end('failed');
    note(host, `the step "${step.name}" could not be started: ${messageOf(error)}`);
    const state = error instanceof RunFailure ? error.state : 'failed';
    throw new RunFailure(state, `step "${step.name}" could not be started: ${messageOf(error)}`, error);
  });
  const timer = clock.after(step.timeout_ms, () => {
    timed_out = true;
    stop();
  });
  host.signal.addEventListener('abort', stop);
  if (host.signal.aborted) stop();
  const exit = await Promise.race([output.ended, survived.promise]);
  timer.stop();
  host.signal.removeEventListener('abort', stop);
  await ending;
  await output.drained();
  if (host.signal.aborted) {
    const reason = host.signal.reason as RunEnding;
    end(reason.state === 'timeout' ? 'timeout' : 'cancelled', exit);
    throw reason;
  }
  if (timed_out) {
    end('timeout', exit);
    note(host, `the step "${step.name}" took longer than ${formatDuration(step.timeout_ms)} and was ended`);
    throw new RunFailure('timeout', `step "${step.name}" took longer than ${formatDuration(step.timeout_ms)}`);
  }
  end(exit.exit_code === 0 ? 'passed' : 'failed', exit);
  if (exit.exit_code === 0) return;
  const killed_after = killedForMemory(settings.bounds);
  const how = howStepEnded({ ...exit, killed_before, killed_after }, settings.bounds);
  // The log has no more of it than "Killed".
  if (killed_after !== killed_before) note(host, `the step "${step.name}" ${how}`);
  throw new RunFailure('failed', `step "${step.name}" ${how}`);
}

function note(host: StepHost, sentence: string): void {
  host.spool.note(sentence);
  host.grown();
}

interface StepExit {
  exit_code: number | null;
  signal: string | null;
}

interface StepOutput {
  ended: Promise<StepExit>;
  /** The output before the step's end is in the spool. */
  drained(): Promise<void>;
}

async function startStep(host: StepHost, ordinal: number, step: StepSpec, fifos: Fifo[]): Promise<StepOutput> {
  const { context, spool } = host;
  if (Buffer.byteLength(step.run) > SCRIPT_BYTES) {
    throw new Error(`its script is longer than ${formatSize(SCRIPT_BYTES)}; put it into a file of the checkout`);
  }
  const { clock, settings, state } = context;
  let last_ms = clock.monotonic_ms();
  let closed = false;
  const fifo = await openFifo(
    `${dirname(settings.state_file)}/step-${host.run.assignment.run_id}-${ordinal}.fifo`,
    (data) => {
      last_ms = clock.monotonic_ms();
      spool.append(data);
      host.grown();
    },
  ).catch((error) => {
    // The node's own trouble (its disk is full), not the step's.
    throw new RunFailure('infra', `its output has no pipe: ${messageOf(error)}`, error);
  });
  fifos.push(fifo);
  fifo.reader.on('close', () => {
    closed = true;
  });
  try {
    const started = await startScript(settings, {
      script: step.run,
      directory: host.run.directory,
      env: stepEnvironment(state.value, host.run, step.env, process.env),
      marker: { GROUNDCREW_MARKER: host.run.marker },
      output: fifo.writer,
    });
    host.processes.add(started);
    host.started({ pid: started.pid, start_ticks: started.start_ticks });
    const drained = async (): Promise<void> => {
      const until_ms = clock.monotonic_ms() + DRAIN_MOST_MS;
      last_ms = clock.monotonic_ms();
      while (!closed && clock.monotonic_ms() < until_ms && clock.monotonic_ms() - last_ms < DRAIN_QUIET_MS) {
        await clock.sleep(5);
      }
    };
    return { ended: started.ended, drained };
  } finally {
    fifo.closeWriter();
  }
}
