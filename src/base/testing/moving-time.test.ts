import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { until } from './until.ts';

const PRELOAD = new URL('./moving-time.ts', import.meta.url).pathname;
const CLOCK = new URL('../clock.ts', import.meta.url).href;

let child: ChildProcess | null = null;
afterEach(() => {
  child?.kill('SIGKILL');
});

/** A process whose time a test moves; `script` has `clock` and `say`. */
function start(script: string): { lines: string[]; pass(duration_ms: number): Promise<void> } {
  const program = `import { systemClock as clock } from ${JSON.stringify(CLOCK)};
    const say = (text) => void process.stdout.write(text + '\\n');
    ${script}`;
  const words = ['--import', PRELOAD, '--input-type=module', '-e', program];
  const started = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  child = started;
  const lines: string[] = [];
  createInterface({ input: started.stdout as NodeJS.ReadableStream }).on('line', (line) => lines.push(line));
  const pass = async (duration_ms: number): Promise<void> => {
    const moved = once(started, 'message');
    started.send({ move_ms: duration_ms });
    await moved;
  };
  return { lines, pass };
}

test('what is due by then strikes at once and in order, an interval once; the rest waits on', async () => {
  const { lines, pass } = start(`
    clock.after(30 * 60_000, () => say('half'));
    clock.after(20 * 60_000, () => say('third'));
    clock.after(2 * 3_600_000, () => say('never'));
    clock.after(10 * 60_000, () => say('stopped')).stop();
    const each = clock.every(25 * 60_000, () => say('each'));
    clock.sleep(40 * 60_000).then(() => say('slept'));
    clock.sleep(3_600_000, AbortSignal.abort(new Error('enough'))).catch((error) => say(error.message));
    say('ready');`);
  await until(() => lines.includes('ready') && lines.includes('enough'));
  await pass(3_600_000);
  await until(() => lines.includes('slept'));
  expect(lines.filter((line) => !['ready', 'enough'].includes(line))).toEqual(['third', 'each', 'half', 'slept']);
});

test('time goes on as ever, from where it was moved to, and the channel keeps no process', async () => {
  const { lines, pass } = start(`
    const begin_ms = clock.monotonic_ms(), wall_ms = clock.now_ms();
    const look = clock.every(5, () => {
      if (clock.monotonic_ms() - begin_ms < 3_600_000) return;
      look.stop();
      say(String(clock.now_ms() - wall_ms >= 3_599_000));
      clock.after(1, () => say('end'));
    });
    say('ready');`);
  await until(() => lines.includes('ready'));
  const ended = once(child as ChildProcess, 'exit');
  await pass(3_600_000);
  expect((await ended)[0]).toBe(0);
  expect(lines).toEqual(['ready', 'true', 'end']);
});
