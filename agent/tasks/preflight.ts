import { type Backoff, backoff_ms } from '../../src/base/backoff.ts';
import { withTimeout } from '../../src/base/clock.ts';
import { messageOf } from '../../src/base/errors/error.ts';
import { formatDuration } from '../../src/base/units.ts';
import type { TaskReport, TaskSpec } from '../../src/protocol/agent.ts';
import type { Context } from '../context.ts';
import { ASK_SERVER, BUILT_IN_TASKS, ServerUnreached } from './built-in.ts';
import { runTaskScript } from './script.ts';

const RETRY: Backoff = { first_ms: 200, longest_ms: 10_000 };
/** A server that ends stops listening first, and cuts this connection a moment later. */
const LINE_SETTLE_MS = 2_000;

/** The agent's line to the server, as far as a task may fail of it. */
export interface ServerLine {
  /** How often it broke or came back until now. */
  changes(): number;
  /** Resolves when the server answers on it. */
  there(): Promise<void>;
}

/**
 * The pre-flight: tasks in their order, each until it is well or its tries are used up; the first that is not well ends
 * it. The same task is tried again, never the one after it. What fails of the server's own outage does not count: a node
 * that really cannot reach it could not report anyway, and is given up by its server in time.
 */
export async function runPreflight(
  context: Context,
  tasks: readonly TaskSpec[],
  line: ServerLine,
): Promise<TaskReport[]> {
  const reports: TaskReport[] = [];
  for (const task of tasks) {
    const report = await runTask(context, task, line);
    reports.push(report);
    context.log.info({ task: report.name, outcome: report.outcome, detail: report.detail }, 'pre-flight task ended');
    if (report.outcome !== 'ok') break;
  }
  return reports;
}

async function runTask(context: Context, task: TaskSpec, line: ServerLine): Promise<TaskReport> {
  const { clock, random } = context;
  const started_ms = clock.monotonic_ms();
  for (let tries = 1; ; tries++) {
    const changes = line.changes();
    const { outcome, detail, is_unreached } = await tryTask(context, task);
    if (is_unreached) {
      await clock.sleep(LINE_SETTLE_MS);
      await line.there();
      if (line.changes() !== changes) {
        tries--;
        continue;
      }
    }
    if (outcome !== 'failed' || tries >= task.tries) {
      const duration_ms = Math.round(clock.monotonic_ms() - started_ms);
      return { name: task.name, outcome, tries, duration_ms, detail };
    }
    await clock.sleep(backoff_ms(random, tries, RETRY));
  }
}

interface Try extends Pick<TaskReport, 'outcome' | 'detail'> {
  is_unreached?: boolean;
}

/** One try. Exit codes: 0 ok, 2 halt, 3 stop quietly; anything else, a signal or the timeout is tried again. */
async function tryTask(context: Context, task: TaskSpec): Promise<Try> {
  try {
    if (task.run.startsWith('builtin:')) {
      const builtIn = BUILT_IN_TASKS[task.run];
      if (!builtIn) return { outcome: 'halt', detail: `this agent has no task ${task.run}` };
      const Late = ASK_SERVER.has(task.run) ? ServerUnreached : Error;
      const detail = await withTimeout(
        context.clock,
        task.timeout_ms,
        () => builtIn(context, task.timeout_ms),
        () => new Late(`took longer than ${formatDuration(task.timeout_ms)}`),
      );
      return { outcome: 'ok', detail };
    }
    const end = await runTaskScript(context, task.run, task.timeout_ms);
    if (end.timed_out) return { outcome: 'failed', detail: `took longer than ${formatDuration(task.timeout_ms)}` };
    const outcome = ({ 0: 'ok', 2: 'halt', 3: 'stopped' } as const)[end.exit_code ?? -1] ?? 'failed';
    return { outcome, detail: end.detail || (outcome === 'ok' ? '' : `exited ${end.exit_code}`) };
  } catch (error) {
    return { outcome: 'failed', detail: messageOf(error), is_unreached: error instanceof ServerUnreached };
  }
}
