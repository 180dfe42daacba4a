import { dirname } from 'node:path';
import { randomName } from '../../src/base/random.ts';
import type { Context } from '../context.ts';
import { nodeEnvironment } from '../payloads/run/environment.ts';
import { startScript } from '../processes/command.ts';
import { openFifo } from '../processes/fifo.ts';
import { PayloadProcesses } from '../processes/payload.ts';

export interface ScriptEnd {
  exit_code: number | null;
  timed_out: boolean;
  /** Its last line that is not empty, shortened. */
  detail: string;
}

const TAIL_BYTES = 4096;
const DETAIL_LENGTH = 200;

/** Runs a task's script once, as the payload's user in the workspace; on timeout its whole family is killed. */
export async function runTaskScript(context: Context, script: string, timeout_ms: number): Promise<ScriptEnd> {
  const { clock, random, settings, state } = context;
  const name = randomName(random, 8);
  let tail: Buffer = Buffer.alloc(0);
  const fifo = await openFifo(`${dirname(settings.state_file)}/task-${name}.fifo`, (data) => {
    tail = Buffer.concat([tail, data]).subarray(-TAIL_BYTES);
  });
  const closed = new Promise<void>((resolve) => fifo.reader.once('close', () => resolve()));
  const processes = new PayloadProcesses(context, `GROUNDCREW_TASK=${name}`);
  try {
    const started = await startScript(settings, {
      script,
      directory: settings.workspace,
      env: { ...nodeEnvironment(state.value, process.env), GROUNDCREW_TASK: name },
      marker: { GROUNDCREW_TASK: name },
      output: fifo.writer,
    });
    fifo.closeWriter();
    processes.add(started);
    let timed_out = false;
    const survived = Promise.withResolvers<{ exit_code: null }>();
    const timer = clock.after(timeout_ms, () => {
      timed_out = true;
      // What not even SIGKILL ends is not waited for.
      void processes.end(0).then((isGone) => isGone || survived.resolve({ exit_code: null }));
    });
    const { exit_code } = await Promise.race([started.ended, survived.promise]);
    timer.stop();
    await Promise.race([closed, clock.sleep(200)]);
    return { exit_code, timed_out, detail: lastLine(tail) };
  } finally {
    fifo.closeWriter();
    fifo.reader.destroy();
    processes.stopLooking();
  }
}

function lastLine(output: Buffer): string {
  const lines = output.toString('utf8').split('\n');
  const last = lines.findLast((line) => line.trim() !== '') ?? '';
  return last.trim().slice(0, DETAIL_LENGTH);
}
