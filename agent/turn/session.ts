import type { Timer } from '../../src/base/clock.ts';
import { randomName } from '../../src/base/random.ts';
import { formatDuration } from '../../src/base/units.ts';
import type { ServerMessage } from '../../src/protocol/agent.ts';
import { AGENT_CAPABILITIES, AGENT_VERSIONS } from '../../src/protocol/agent-versions.ts';
import type { Assignment } from '../../src/protocol/job.ts';
import type { Context } from '../context.ts';
import { Connection } from '../link/connection.ts';
import { nodeFacts } from '../link/facts.ts';
import { RunEnding } from '../payloads/run/ending.ts';
import { runDirectory } from '../payloads/run/environment.ts';
import { Run } from '../payloads/run/run.ts';
import { Shells } from '../shell/shells.ts';
import { runPreflight } from '../tasks/preflight.ts';
import type { KeptRun } from './kept.ts';

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;

/**
 * The agent's life as the server sees it: hello and welcome on every connection, pre-flight once, one run in each slot,
 * then frozen until it is retired. Its end is a sentence, by `over`.
 */
export class Session {
  readonly #context: Context;
  readonly #connection: Connection;
  readonly #shells: Shells;
  readonly #timers: Timer[] = [];
  readonly #over = Promise.withResolvers<string>();
  /** One a slot, past ones too: a used slot takes no other. */
  readonly #runs: Run[] = [];
  /** How many the server gives this node at once, by the last welcome. */
  #slots = 1;
  #isWelcome = false;
  #isChecking = false;
  /** How often the welcome was lost or given. */
  #changes = 0;
  #welcomed = Promise.withResolvers<void>();
  /** From hello to welcome. */
  #greeting: Timer | null = null;

  constructor(context: Context) {
    this.#context = context;
    this.#connection = new Connection(context, {
      opened: () => this.#hello(),
      message: (message) => this.#receive(message),
      closed: () => this.#disconnected(),
    });
    this.#shells = new Shells(context, this.#connection);
  }

  /** Works until the end; resolves with why. Throws GC1901 when the server refuses the agent. */
  async live(): Promise<string> {
    const { clock, limits, state } = this.#context;
    this.#timers.push(clock.every(limits.heartbeat_ms, () => this.#beat()));
    this.#timers.push(clock.every(limits.pull_ms, () => this.#pull()));
    for (const run of state.value.runs) this.#startRun(run, true);
    const connected = this.#connection.keep().then(() => this.#over.promise);
    try {
      return await Promise.race([connected, this.#over.promise]);
    } finally {
      for (const timer of this.#timers) timer.stop();
      await this.#end(new RunEnding('cancelled', 'the agent ends', true));
      await this.#connection.stop();
    }
  }

  /** The machine is going away: the payload is ended and its run handed back, as far as there is time. */
  async preempt(reason: string, time_ms: number): Promise<void> {
    await this.#endRuns(
      this.#runs.filter((run) => run.active()),
      new RunEnding('infra', reason),
      time_ms,
    );
    this.#over.resolve(reason);
  }

  async #end(ending: RunEnding): Promise<void> {
    this.#shells.closeAll();
    // What the server has not heard yet stays in the state file for the next process of this agent.
    const runs = this.#runs.filter((run) => run.active() && run.hasPayload());
    await this.#endRuns(runs, ending, 2 * this.#context.limits.grace_ms);
  }

  async #endRuns(runs: readonly Run[], ending: RunEnding, time_ms: number): Promise<void> {
    if (runs.length === 0) return;
    for (const run of runs) run.end(ending);
    await Promise.race([Promise.all(runs.map((run) => run.settled())), this.#context.clock.sleep(time_ms)]);
  }

  #hello(): void {
    const { clock, limits } = this.#context;
    // Its pongs alone would keep the connection for ever.
    this.#greeting = clock.after(limits.silence_ms, () => this.#connection.breakOff('the server did not welcome us'));
    this.#connection.send({
      type: 'hello',
      version: AGENT_VERSIONS.newest,
      oldest_version: AGENT_VERSIONS.oldest,
      capabilities: AGENT_CAPABILITIES,
      facts: nodeFacts(this.#context.settings),
      runs: this.#runs.flatMap((run) => run.active() ?? []),
      preflight_done: this.#context.state.value.preflight !== null,
    });
  }

  #disconnected(): void {
    this.#greeting?.stop();
    if (this.#isWelcome) {
      this.#changes++;
      this.#welcomed = Promise.withResolvers<void>();
    }
    this.#isWelcome = false;
    for (const run of this.#runs) run.disconnected();
    this.#shells.closeAll();
  }

  #beat(): void {
    this.#context.state.catchUp();
    if (this.#isWelcome) this.#connection.send({ type: 'heartbeat' });
    const { cut_off_ms, abandoned_ms } = this.#context.limits;
    const silence_ms = this.#connection.silence_ms();
    const since = (limit_ms: number): string => `the server could not be reached for ${formatDuration(limit_ms)}`;
    for (const run of this.#runs) {
      if (silence_ms >= cut_off_ms && run.hasPayload()) run.end(new RunEnding('infra', since(cut_off_ms)));
    }
    if (silence_ms >= abandoned_ms) this.#over.resolve(since(abandoned_ms));
  }

  #pull(): void {
    const { preflight } = this.#context.state.value;
    const isFit = preflight?.every((report) => report.outcome === 'ok') ?? false;
    if (this.#isWelcome && isFit && this.#runs.length < this.#slots) this.#connection.send({ type: 'pull' });
  }

  #receive(message: ServerMessage): void {
    // Without the welcome there is no session yet, nor a secret for it.
    if (!this.#isWelcome && message.type !== 'welcome') return;
    if ('run_id' in message) {
      this.#receiveOfRun(message);
      return;
    }
    switch (message.type) {
      case 'welcome':
        this.#welcome(message);
        break;
      case 'assignments':
        for (const assignment of message.assignments) this.#assigned(assignment);
        break;
      case 'shell_open':
        this.#shells.open(message);
        break;
      case 'shell_input':
        void this.#shells.input(message.shell_id, Buffer.from(message.data_base64, 'base64'));
        break;
      case 'shell_close':
        this.#shells.close(message.shell_id);
        break;
      case 'retire':
        this.#over.resolve(`retired: ${message.reason}`);
        break;
      default:
        // A newer server may say more than this agent knows.
        this.#context.log.warn({ type: (message as { type: unknown }).type }, 'an unknown word of the server');
    }
  }

  /** Words about a run that is not ours (any more) are late ones. */
  #receiveOfRun(message: Extract<ServerMessage, { run_id: unknown }>): void {
    const run = this.#runs.find((one) => one.is(message));
    if (!run?.active()) return;
    switch (message.type) {
      case 'log_ack':
        run.logAnswered(message.offset, message.resend ?? false);
        break;
      case 'finish_ack':
        run.finishAnswered();
        break;
      case 'cancel':
        run.end(new RunEnding('cancelled', message.reason));
        break;
      case 'stale':
        run.end(new RunEnding('cancelled', 'the fence is not current', true));
        break;
    }
  }

  #welcome(welcome: Welcome): void {
    this.#greeting?.stop();
    const { state } = this.#context;
    state.update((kept) => {
      kept.node_id = welcome.node_id;
      kept.session_secret = welcome.session_secret ?? kept.session_secret;
      kept.env = welcome.env;
      kept.tasks = welcome.preflight;
    });
    this.#slots = welcome.slots;
    this.#isWelcome = true;
    this.#changes++;
    this.#welcomed.resolve();
    this.#context.log.info({ node_id: welcome.node_id, epoch: welcome.epoch }, 'welcome');
    if (state.value.preflight) this.#reportPreflight();
    else void this.#preflight();
    for (const run of this.#runs) run.connected();
    this.#pull();
  }

  async #preflight(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    const reports = await runPreflight(this.#context, this.#context.state.value.tasks, {
      changes: () => this.#changes,
      there: () => this.#welcomed.promise,
    });
    this.#context.state.update((kept) => {
      kept.preflight = reports;
    });
    if (!this.#isWelcome) return;
    this.#reportPreflight();
    this.#pull();
  }

  #reportPreflight(): void {
    const tasks = this.#context.state.value.preflight ?? [];
    this.#connection.send({ type: 'preflight', ok: tasks.every((task) => task.outcome === 'ok'), tasks });
  }

  /** Handed twice is one run; another run in a used slot is not taken, and the server gives it to another node in 10 s. */
  #assigned(assignment: Assignment): void {
    const { run_id, fence, slot } = assignment;
    const there = this.#runs.find((run) => run.slot() === slot);
    if (there?.is(assignment)) {
      there.assignedAgain();
      return;
    }
    if (there) {
      this.#context.log.warn({ run_id, slot }, 'this slot of the node is used: the run is not taken');
      return;
    }
    const run: KeptRun = {
      assignment,
      marker: randomName(this.#context.random, 16),
      phase: 'accepted',
      directory: runDirectory(this.#context.settings.workspace, assignment.spec.project, slot),
      log_file: `run-${run_id}-${fence}.log`,
      steps: [],
      groups: [],
      outcome: null,
    };
    const isKept = this.#context.state.update((state) => {
      state.runs.push(run);
    });
    const started = this.#startRun(run, false);
    started.connected();
    // The payload would find the same disk, and fail where it is not to blame.
    if (!isKept) started.end(new RunEnding('infra', 'the node cannot keep what it does; is its disk full?'));
  }

  #startRun(kept: KeptRun, isResumed: boolean): Run {
    const run = new Run(this.#context, this.#connection, kept, isResumed);
    this.#runs.push(run);
    run.start();
    return run;
  }
}
