import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isError } from '../../base/errors/error.ts';
import type { RunId } from '../../base/ids.ts';
import { until } from '../../base/testing/until.ts';
import type { ServerMessage } from '../../protocol/agent.ts';
import { logOfRun } from '../../runs/store/log.ts';
import { LOG_LARGEST_BYTES } from '../agents/run.ts';
import { submit } from '../submit/submit.ts';
import {
  change,
  claim,
  kindNamed,
  outcome,
  plannedJob,
  runningAgent,
  SUBMIT,
  submissionPlan,
  TestAgent,
  type TestFlow,
  testFlow,
  workOff,
  workOne,
} from '../testing/runs.ts';
import { workKinds } from '../work/all.ts';
import { followLog, logLength, readLog } from './run-log.ts';

let flow: TestFlow;
let agent: TestAgent;
let secret: string;
let run_id: RunId;
let fence: number;
beforeAll(async () => {
  flow = await testFlow();
});
afterAll(() => flow.close());
beforeEach(async () => {
  await submit(flow, submissionPlan([plannedJob()]), SUBMIT);
  ({ agent, secret, run_id, fence } = await runningAgent(flow));
});

const say = async (offset: number, data: string | Buffer, by = agent) => {
  by.heard.length = 0;
  await by.say({ type: 'log', run_id, fence, offset, data_base64: Buffer.from(data).toString('base64') });
  return by.heard[0] as ServerMessage;
};
const read = async (start?: number, end?: number) =>
  await text(
    await readLog(flow, run_id, { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) }),
  );
const finish = async () => {
  await agent.say({ type: 'finish', run_id, fence, outcome: outcome() });
  await agent.next('finish_ack');
};

describe('a log on its way in', () => {
  it('is kept once: repeats, overlaps and gaps are answered with what is kept', async () => {
    expect(await say(0, 'hello ')).toEqual({ type: 'log_ack', run_id, fence, offset: 6 });
    expect(await say(0, 'hello ')).toMatchObject({ offset: 6 });
    expect(await say(3, 'lo world')).toMatchObject({ offset: 11 });
    expect(await say(20, 'too far')).toEqual({ type: 'log_ack', run_id, fence, offset: 11, resend: true });
    expect(await say(2, 'll')).toMatchObject({ offset: 11 });
    expect(await say(11, '')).toMatchObject({ offset: 11 });
    expect(await read()).toBe('hello world');
    await finish();
    expect(await say(6, 'world')).toEqual({ type: 'log_ack', run_id, fence, offset: 11 });
    expect(await say(11, ' and more')).toMatchObject({ offset: 11 });
  });

  it('takes nothing more once it is one object', async () => {
    await say(0, 'hello ');
    await change(flow, `update run_logs set blob = 'logs/${run_id}' where run_id = ${run_id}`);
    expect(await say(6, 'world')).toEqual({ type: 'log_ack', run_id, fence, offset: 6 });
    expect((await logOfRun(flow.connection.db, run_id))?.bytes).toBe(6);
    const chunks = flow.connection.db.selectFrom('log_chunks').select('start_offset').where('run_id', '=', run_id);
    expect(await chunks.execute()).toEqual([{ start_offset: 0 }]);
  });

  it('has an end: an agent that says more is sent away, with the reason', async () => {
    await change(flow, `update run_logs set bytes = ${LOG_LARGEST_BYTES - 5} where run_id = ${run_id}`);
    expect(await say(LOG_LARGEST_BYTES - 5, 'hello')).toMatchObject({ offset: LOG_LARGEST_BYTES });
    expect(await say(LOG_LARGEST_BYTES, '!')).toBeUndefined();
    expect(agent.ended).toBe(`the log of run ${run_id} is longer than 1.0 GiB`);
    expect((await logOfRun(flow.connection.db, run_id))?.bytes).toBe(LOG_LARGEST_BYTES);
  });

  it('comes to the same whatever is doubled, reordered, cut and said over two connections at once', async () => {
    const chunk = fc.record({ start: fc.nat(300), length: fc.integer({ min: 1, max: 120 }), old: fc.boolean() });
    const source = Buffer.from(Array.from({ length: 300 }, (_, index) => 97 + (index % 26)));
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 25 }), fc.boolean(), async (chunks, together) => {
        await change(flow, `delete from log_chunks where run_id = ${run_id}`);
        await change(flow, `update run_logs set bytes = 0 where run_id = ${run_id}`);
        const older = await TestAgent.connect(flow, secret);
        await older.hello({ run_id, fence });
        const newer = await TestAgent.connect(flow, secret);
        await newer.hello({ run_id, fence });
        const sends = chunks.map(({ start, length, old }) => async () => {
          const data_base64 = source.subarray(start, start + length).toString('base64');
          await (old ? older : newer).say({ type: 'log', run_id, fence, offset: start, data_base64 });
        });
        if (together) await Promise.all(sends.map((send) => send()));
        else for (const send of sends) await send();
        // A true sender goes on from where it is told, until all is kept.
        newer.heard.length = 0;
        await newer.say({ type: 'log', run_id, fence, offset: 999, data_base64: btoa('x') });
        const { offset } = await newer.next('log_ack');
        expect(await read()).toBe(source.subarray(0, offset).toString());
        await newer.say({
          type: 'log',
          run_id,
          fence,
          offset,
          data_base64: source.subarray(offset).toString('base64'),
        });
        expect(await read()).toBe(source.toString());
        expect(await logLength(flow, run_id)).toBe(source.length);
      }),
      { numRuns: 40 },
    );
  });
});

describe('reading a log', () => {
  it('is the same before, during and after it is archived, at every range', async () => {
    const lines = ['setting up\n', '\u001b[31merror: it broke\u001b[0m\n', 'grün\n', 'the end'];
    let offset = 0;
    for (const line of lines) {
      await say(offset, line);
      offset += Buffer.byteLength(line);
    }
    const whole = Buffer.from(lines.join(''));
    const same = async () => {
      expect(await read()).toBe(whole.toString());
      for (const [start, end] of [
        [0, 5],
        [3, 30],
        [11, 11],
        [40, 999],
        [999, 1000],
        [whole.length - 1, whole.length],
      ] as const) {
        expect(await read(start, end)).toBe(whole.subarray(start, end).toString());
      }
    };
    await same();
    await finish();
    const kinds = workKinds(flow);
    await workOff(flow, [kindNamed(kinds, 'ingest-run')]);
    await same();
    const during = await readLog(flow, run_id);
    expect(await workOff(flow, kinds)).toContain('archive-log');
    expect(await text(during)).toBe(whole.toString());
    await same();
    expect(await logOfRun(flow.connection.db, run_id)).toEqual({
      bytes: whole.length,
      blob: `logs/${run_id}`,
      lines: 4,
      first_error_offset: lines[0]!.length,
      first_error_line: 2,
      live: false,
    });
    const chunks = flow.connection.db.selectFrom('log_chunks').selectAll().where('run_id', '=', run_id);
    expect(await chunks.execute()).toEqual([]);
  });

  it('survives a death between the object and the row, and a second archiver', async () => {
    await say(0, 'not ok 1\n');
    await finish();
    const kinds = workKinds(flow);
    await workOff(flow, [kindNamed(kinds, 'ingest-run')]);
    const archive = kindNamed(kinds, 'archive-log');
    const item = (await claim(flow, 'postprocess', kinds)).find(({ key }) => key === String(run_id));
    const died = archive.handle(item!, {
      ...{ signal: new AbortController().signal, log: flow.log, checkpoint: async () => undefined },
      complete: () => Promise.reject(new Error('killed')),
    });
    await expect(died).rejects.toThrow('killed');
    expect(flow.blobs.objects.has(`logs/${run_id}`)).toBe(true);
    expect(await read()).toBe('not ok 1\n');
    await workOne(flow, item!, archive);
    expect(await read()).toBe('not ok 1\n');
    expect(await logOfRun(flow.connection.db, run_id)).toMatchObject({ lines: 1, first_error_line: 1 });
  });

  it('knows no run that is not there', async () => {
    await expect(readLog(flow, 999_999 as RunId)).rejects.toSatisfy((error) => isError(error, 'GC1002'));
  });
});

describe('following a log', () => {
  it('says everything once, as it comes, and ends when the payload has ended', async () => {
    await say(0, 'one ');
    const told: string[] = [];
    const following = (async () => {
      for await (const { offset, data } of followLog(flow, run_id, 2, new AbortController().signal)) {
        expect(offset).toBe(2 + told.join('').length);
        told.push(data.toString());
      }
    })();
    await until(() => told.join('') === 'e ', 'the first piece');
    await say(4, 'two ');
    await until(() => told.join('') === 'e two ', 'the second piece');
    await say(8, 'three');
    await finish();
    await following;
    expect(told.join('')).toBe('e two three');
  });

  it('stops when nobody listens any more', async () => {
    const stop = new AbortController();
    const following = (async () => {
      for await (const _ of followLog(flow, run_id, 0, stop.signal));
    })();
    stop.abort();
    await following;
  });
});
