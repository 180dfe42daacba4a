import { formatDuration } from '../../../src/base/units.ts';
import type { StepReport } from '../../../src/protocol/agent.ts';
import type { Context } from '../../context.ts';
import type { LogSpool } from '../../link/log/spool.ts';
import type { Fifo } from '../../processes/fifo.ts';
import type { PayloadProcesses } from '../../processes/payload.ts';
import type { KeptRun } from '../../turn/kept.ts';
import { checkOut } from './checkout.ts';
import { prepareDirectory } from './directory.ts';
import { RunEnding, RunFailure } from './ending.ts';
import { runSteps } from './steps.ts';

export interface PayloadHost {
  context: Context;
  run: KeptRun;
  spool: LogSpool;
  processes: PayloadProcesses;
  /** Filled: `checkout`, `steps`. */
  durations_ms: Record<string, number>;
  /** Aborted with a `RunEnding`. */
  signal: AbortSignal;
  /** The server has taken the acknowledgement: the run is ours. */
  confirmed: Promise<void>;
  end(ending: RunEnding): void;
  isOpen(): boolean;
  grown(): void;
  report(step: StepReport): void;
  keep(change: Partial<KeptRun>): void;
}

/**
 * Checkout and steps. When it returns or throws, no process of the payload is left. Throws `RunFailure`, or the
 * `RunEnding` that it was ended with.
 */
export async function runPayload(host: PayloadHost): Promise<void> {
  const { context, run, signal, durations_ms } = host;
  const { clock } = context;
  const { spec } = run.assignment;
  const timer = clock.after(spec.timeout_ms, () => {
    host.end(new RunEnding('timeout', `the run took longer than ${formatDuration(spec.timeout_ms)}`));
  });
  const measure = async (part: string, work: () => Promise<void>): Promise<void> => {
    const started_ms = clock.monotonic_ms();
    try {
      await work();
    } finally {
      durations_ms[part] = Math.round(clock.monotonic_ms() - started_ms);
    }
  };
  const fifos: Fifo[] = [];
  try {
    // The sources may come before the run is surely ours; nothing of them is run yet.
    await measure('checkout', () => checkoutOrDirectory(host));
    await unlessEnded(host.confirmed, signal);
    const missing = host.spool.missing();
    if (missing !== null) throw new RunFailure('infra', `the log cannot be kept on the node: ${missing}`);
    host.keep({ phase: 'steps' });
    await measure('steps', () => steps(host, fifos));
  } finally {
    timer.stop();
    await host.processes.end(context.limits.grace_ms);
    for (const fifo of fifos) fifo.reader.destroy();
    if (signal.aborted && !(signal.reason as RunEnding).silent) {
      host.spool.note(`the run was ended: ${(signal.reason as RunEnding).message}`);
      host.grown();
    }
  }
}

async function checkoutOrDirectory(host: PayloadHost): Promise<void> {
  const { context, run, signal } = host;
  const { run_id, fence, spec } = run.assignment;
  if (!spec.checkout) return prepareDirectory(context, run.directory, signal);
  return checkOut(context, { run_id, fence, directory: run.directory }, host.isOpen, signal);
}

async function steps(host: PayloadHost, fifos: Fifo[]): Promise<void> {
  const { run } = host;
  await runSteps(
    {
      context: host.context,
      run,
      spool: host.spool,
      processes: host.processes,
      signal: host.signal,
      grown: host.grown,
      report: host.report,
      started: (group) => host.keep({ groups: [...run.groups, group] }),
    },
    fifos,
  );
}

async function unlessEnded(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const ended = Promise.withResolvers<void>();
  const onAbort = (): void => ended.reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  try {
    await Promise.race([work, ended.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
