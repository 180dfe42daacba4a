import { dirname } from 'node:path';
import type { Timer } from '../../../src/base/clock.ts';
import { describeCauses, messageOf } from '../../../src/base/errors/error.ts';
import type { ActiveRun, AgentMessage, RunOutcome, StepReport } from '../../../src/protocol/agent.ts';
import type { Context } from '../../context.ts';
import { LogSender } from '../../link/log/sender.ts';
import { DISK_FULL, LogSpool } from '../../link/log/spool.ts';
import { PayloadProcesses } from '../../processes/payload.ts';
import type { KeptRun } from '../../turn/kept.ts';
import { RunEnding, RunFailure } from './ending.ts';
import { runMarker } from './environment.ts';
import { runPayload } from './payload.ts';
import { upload } from './upload.ts';

/** What a run needs of the connection. */
export interface RunServer {
  send(message: AgentMessage): boolean;
  isOpen(): boolean;
  buffered_bytes(): number;
}

/**
 * One run from its assignment to the server's receipt of its end (phases: kept.ts). It may begin in any phase, since an
 * earlier process of the agent may have been killed at any line: a payload that may have been started is never started
 * again, what comes after it is done again.
 */
export class Run {
  readonly #context: Context;
  readonly #server: RunServer;
  readonly #run: KeptRun;
  readonly #ending = new AbortController();
  readonly #spool: LogSpool;
  readonly #sender: LogSender;
  readonly #processes: PayloadProcesses;
  readonly #isResumed: boolean;
  readonly #confirmed = Promise.withResolvers<void>();
  readonly #acknowledged = Promise.withResolvers<void>();
  readonly #dropped = Promise.withResolvers<void>();
  readonly #settled = Promise.withResolvers<void>();
  #isConfirmed = false;
  #repeating: Timer | null = null;

  /** `run`: the state's own record, new (`accepted`) or left by an earlier process. */
  constructor(context: Context, server: RunServer, run: KeptRun, isResumed: boolean) {
    this.#context = context;
    this.#server = server;
    this.#run = run;
    this.#isResumed = isResumed;
    const { run_id, fence } = run.assignment;
    this.#spool = new LogSpool(`${dirname(context.settings.state_file)}/${run.log_file}`, context.limits.log_bytes);
    this.#sender = new LogSender(context, this.#spool, {
      send: (offset, data) => server.send({ type: 'log', run_id, fence, offset, data_base64: data.toString('base64') }),
      buffered_bytes: () => server.buffered_bytes(),
    });
    this.#processes = new PayloadProcesses(context, runMarker(run.marker), run.groups);
  }

  /** Does the server mean this one? */
  is({ run_id, fence }: ActiveRun): boolean {
    return this.#run.assignment.run_id === run_id && this.#run.assignment.fence === fence;
  }

  slot(): number {
    return this.#run.assignment.slot;
  }

  /** For `hello`: null once nothing is left to be said. */
  active(): ActiveRun | null {
    const { run_id, fence } = this.#run.assignment;
    return this.#isOver() ? null : { run_id, fence };
  }

  /** Resolves when the server has its end, or it was dropped. Never rejects. */
  settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** May processes of the payload be alive? */
  hasPayload(): boolean {
    return this.#run.phase === 'accepted' || this.#run.phase === 'steps';
  }

  /** Begins or goes on. */
  start(): void {
    this.#repeating = this.#context.clock.every(this.#context.limits.answer_ms, () => this.#repeat());
    this.#execute()
      .catch((error) => this.#context.log.error({ reason: describeCauses(error) }, 'the run ended in a broken state'))
      .finally(() => {
        this.#repeating?.stop();
        this.#processes.stopLooking();
        this.#sender.stop();
        this.#settled.resolve();
      });
  }

  /** After the welcome: everything without an answer is said again. */
  connected(): void {
    if (this.#isOver()) return;
    this.#repeat();
    for (const step of this.#run.steps) this.#say({ type: 'step', step });
    this.#sender.connected();
  }

  disconnected(): void {
    this.#sender.disconnected();
  }

  /** The server's answer to `acknowledge` and to the log. */
  logAnswered(offset: number, resend: boolean): void {
    this.#isConfirmed = true;
    this.#confirmed.resolve();
    this.#sender.answered(offset, resend);
  }

  finishAnswered(): void {
    this.#acknowledged.resolve();
  }

  /** The same assignment came again: the acknowledgement was lost. */
  assignedAgain(): void {
    this.#say({ type: 'acknowledge' });
  }

  /** Ends the payload; how is told to the server unless the ending is silent. Does nothing when the payload is over. */
  end(ending: RunEnding): void {
    if (this.#isOver()) return;
    if (ending.silent) {
      this.#keep({ phase: 'dropped' });
      this.#dropped.resolve();
    } else if (this.#run.phase === 'finish') return;
    this.#ending.abort(ending);
  }

  async #execute(): Promise<void> {
    if (this.hasPayload()) {
      const outcome = this.#isResumed ? await this.#afterRestart() : this.#unlessDiskFull(await this.#payload());
      if (this.#isOver()) return;
      const isCut = outcome.state === 'infra' || outcome.state === 'cancelled';
      this.#keep({ phase: isCut ? 'finish' : 'upload', outcome });
    }
    if (this.#run.phase === 'upload') await this.#upload();
    if (this.#isOver()) return;
    // Not the ending's signal, which tells only of the first ending: of a cancelled run the fence may lapse afterwards.
    const dropped = this.#dropped.promise;
    await Promise.race([this.#sender.drained(), dropped]);
    if (this.#isOver()) return;
    this.#isFinishing = true;
    this.#repeat();
    await Promise.race([this.#acknowledged.promise, dropped]);
    if (this.#run.phase === 'finish') this.#keep({ phase: 'done' });
  }
  #isFinishing = false;

  async #payload(): Promise<RunOutcome> {
    const { signal } = this.#ending;
    const durations_ms: Record<string, number> = {};
    try {
      await runPayload({
        context: this.#context,
        run: this.#run,
        spool: this.#spool,
        processes: this.#processes,
        durations_ms,
        signal,
        confirmed: this.#confirmed.promise,
        end: (ending) => this.end(ending),
        isOpen: () => this.#server.isOpen(),
        grown: () => this.#sender.grown(),
        report: (step) => this.#report(step),
        keep: (change) => this.#keep(change),
      });
      return { state: 'passed', reason: 'every step passed', log_bytes: 0, durations_ms };
    } catch (error) {
      if (!(error instanceof RunFailure || error instanceof RunEnding)) {
        this.#context.log.error({ reason: describeCauses(error) }, 'the agent itself failed in a run');
      }
      const known = error instanceof RunFailure || error instanceof RunEnding ? error.state : 'infra';
      return { state: known, reason: messageOf(error), log_bytes: 0, durations_ms };
    }
  }

  /**
   * A step that failed where the disk took not even its log may have failed of just that, and the log that would tell
   * is not there: another node decides. (When the payload itself fills disks, that is tried as often as any mishap.)
   */
  #unlessDiskFull(outcome: RunOutcome): RunOutcome {
    if (outcome.state !== 'failed' || !this.#spool.isCutByDisk()) return outcome;
    return { ...outcome, state: 'infra', reason: `${DISK_FULL}: ${outcome.reason}` };
  }

  /** The payload's pipe was this process's predecessor's: what it said meanwhile is lost, so the run cannot count. */
  async #afterRestart(): Promise<RunOutcome> {
    await this.#processes.end(this.#context.limits.grace_ms);
    this.#spool.note('the agent was restarted in the middle of the run; the run ends here');
    const now_ms = this.#context.clock.now_ms();
    for (const step of this.#run.steps) {
      if (step.state === 'running') this.#report({ ...step, state: 'cancelled', finished_ms: now_ms });
    }
    return {
      state: 'infra',
      reason: 'the agent was restarted in the middle of the run',
      log_bytes: 0,
      durations_ms: {},
    };
  }

  async #upload(): Promise<void> {
    const { clock } = this.#context;
    const started_ms = clock.monotonic_ms();
    let outcome = this.#run.outcome as RunOutcome;
    try {
      await upload({
        context: this.#context,
        assignment: this.#run.assignment,
        directory: this.#run.directory,
        note: (sentence) => {
          this.#spool.note(sentence);
          this.#sender.grown();
        },
        isOpen: () => this.#server.isOpen(),
        signal: this.#ending.signal,
      });
    } catch (error) {
      const { state } = error instanceof RunFailure || error instanceof RunEnding ? error : { state: 'infra' as const };
      // What the steps said stands, unless the run would look well without what it brought.
      if (error instanceof RunEnding || outcome.state === 'passed')
        outcome = { ...outcome, state, reason: messageOf(error) };
    }
    if (this.#isOver()) return;
    const upload_ms = Math.round(clock.monotonic_ms() - started_ms);
    this.#keep({
      phase: 'finish',
      outcome: { ...outcome, durations_ms: { ...outcome.durations_ms, upload: upload_ms } },
    });
  }

  #report(step: StepReport): void {
    const steps = this.#run.steps.filter((other) => other.ordinal !== step.ordinal);
    this.#keep({ steps: [...steps, step] });
    this.#say({ type: 'step', step });
  }

  #repeat(): void {
    if (this.#isOver()) return;
    if (!this.#isConfirmed && this.#run.phase === 'accepted') this.#say({ type: 'acknowledge' });
    const outcome = this.#run.outcome;
    if (this.#isFinishing && outcome) {
      const missing = this.#spool.missing();
      const reason = missing === null ? outcome.reason : `${outcome.reason}; a part of the log is missing: ${missing}`;
      this.#say({ type: 'finish', outcome: { ...outcome, reason, log_bytes: this.#spool.size_bytes() } });
    }
  }

  #say(
    words: { type: 'acknowledge' } | { type: 'step'; step: StepReport } | { type: 'finish'; outcome: RunOutcome },
  ): void {
    if (this.#isOver()) return;
    const { run_id, fence } = this.#run.assignment;
    this.#server.send({ ...words, run_id, fence });
  }

  #isOver(): boolean {
    return this.#run.phase === 'done' || this.#run.phase === 'dropped';
  }

  #keep(change: Partial<KeptRun>): void {
    this.#context.state.update(() => Object.assign(this.#run, change));
  }
}
