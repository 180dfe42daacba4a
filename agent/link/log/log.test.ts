import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { anyMoment } from '../../../src/base/testing/any-moment.ts';
import { assignment, type Bench, openBench, step } from '../../testing/harness.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  const problems = [...bench.server.problems];
  await bench.close();
  expect(problems).toEqual([]);
});

const hashOf = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

/** Every line is numbered, so a lost, doubled or moved byte changes the text. */
function numbered(lines: number): Buffer {
  return Buffer.from(Array.from({ length: lines }, (_, index) => `line ${index + 1}\n`).join(''));
}

async function wholeLog(): Promise<Buffer> {
  await bench.server.until('the run has ended', () => bench.server.run?.outcome != null, 25_000);
  return bench.server.run!.log;
}

test('10 MB of output, quickly, and every byte value', async () => {
  bench.startAgent();
  await bench.server.until('connected', () => bench.server.isConnected());
  const binary = 'i=0; while [ $i -lt 256 ]; do printf "\\\\$(printf %o $i)"; i=$((i+1)); done';
  const steps = [step(binary), step('yes 0123456789abcdef | head -c 10485760'), step('printf end')];
  bench.server.assign(assignment({ steps }));
  const log = await wholeLog();
  expect([...log.subarray(0, 256)]).toEqual(Array.from({ length: 256 }, (_, index) => index));
  const flood = Buffer.alloc(10_485_760, '0123456789abcdef\n');
  expect(hashOf(log.subarray(256, -3))).toBe(hashOf(flood));
  expect(log.subarray(-3).toString()).toBe('end');
});

test('the server restarts in the middle of a run: nothing lost, nothing twice', async () => {
  const agent = bench.startAgent();
  await bench.server.until('connected', () => bench.server.isConnected());
  const run = bench.server.assign(
    assignment({ steps: [step('i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo "line $i"; sleep 0.004; done')] }),
  );
  await bench.server.until('some log', () => run.log.length > 0);
  await bench.server.stop();
  await bench.server.until('it has noticed', () => agent.stderr().includes('no connection to the server'));
  await bench.server.start();
  expect((await wholeLog()).toString()).toBe(numbered(400).toString());
  expect(bench.server.connections).toBeGreaterThan(1);
});

test('a server that went back to an older state gets the missing part again', async () => {
  bench.startAgent();
  await bench.server.until('connected', () => bench.server.isConnected());
  const run = bench.server.assign(
    assignment({ steps: [step('seq -f "line %.0f" 1 2000; while [ ! -e ../go ]; do sleep 0.05; done')] }),
  );
  await bench.server.until('the log', () => run.log.length === numbered(2000).length);
  run.log = run.log.subarray(0, 777);
  bench.server.cut();
  await bench.server.until('the log again', () => run.log.length === numbered(2000).length);
  expect(run.log.equals(numbered(2000))).toBe(true);
});

test('a log beyond its limit ends with a line that says so, and the run goes on', async () => {
  bench.startAgent({ log_bytes: 1000 });
  await bench.server.until('connected', () => bench.server.isConnected());
  bench.server.assign(assignment({ steps: [step('seq 1 100000'), step('touch ../second')] }));
  const log = (await wholeLog()).toString();
  expect(log.slice(0, 1000)).toBe(
    Array.from({ length: 400 }, (_, i) => `${i + 1}\n`)
      .join('')
      .slice(0, 1000),
  );
  expect(log.slice(1000)).toMatch(/^\n?groundcrew: the log ends here: it is longer than 1000 B. The run goes on.\n$/);
  expect(bench.server.run!.outcome!.state).toBe('passed');
});

test("whatever is cut, delayed or lost, the log is the payload's bytes", { timeout: 120_000 }, async () => {
  bench.startAgent({ log_window_bytes: 200_000 });
  await bench.server.until('connected', () => bench.server.isConnected());
  await bench.close();
  const lines = 60_000;
  const whole = numbered(lines);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 }), async (seed) => {
      const random = seededRandom(seed);
      bench = await openBench();
      bench.server.loses = (answer) =>
        answer.type === 'log_ack' && bench.server.run!.log.length > 0 && random.fraction() < 0.2;
      bench.server.swallow = (word) => word.type === 'log' && random.fraction() < 0.1;
      bench.startAgent({ log_window_bytes: 200_000, log_answer_ms: 150 });
      await bench.server.until('connected', () => bench.server.isConnected());
      const run = bench.server.assign(
        assignment({ steps: [step(`seq -f "line %.0f" 1 ${lines}; sleep 0.2; exit 3`)] }),
      );
      for (let cut = 0; cut < 6 && run.outcome === null; cut++) {
        await anyMoment(random, 290);
        if (random.fraction() < 0.3) {
          await bench.server.stop();
          await anyMoment(random, 300);
          await bench.server.start();
        } else bench.server.cut();
      }
      bench.server.loses = () => false;
      bench.server.swallow = () => false;
      const log = await wholeLog();
      const problems = [...bench.server.problems];
      await bench.close();
      expect(problems).toEqual([]);
      expect(log.length).toBe(whole.length);
      expect(hashOf(log)).toBe(hashOf(whole));
    }),
    { numRuns: 5, endOnFailure: true },
  );
  bench = await openBench();
});
