import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Code } from '../../base/errors/catalogue.ts';
import { isError } from '../../base/errors/error.ts';
import { artifactsOfRun } from '../../runs/store/artifacts.ts';
import { submit } from '../submit/submit.ts';
import {
  change,
  outcome,
  plannedJob,
  readyAgent,
  runningAgent,
  SUBMIT,
  submissionPlan,
  type TestFlow,
  testFlow,
  workOff,
} from '../testing/runs.ts';
import { workKinds } from '../work/all.ts';
import { artifactKept, checkoutStream, RUN_FILES_LARGEST_BYTES, readArtifact, storeArtifact } from './artifacts.ts';
import { PART_BYTES } from './parts.ts';

let flow: TestFlow;
let running: Awaited<ReturnType<typeof runningAgent>>;
beforeEach(async () => {
  flow = await testFlow();
  await flow.blobs.put('checkouts/1.tar.gz', Buffer.from('sources'));
  await submit(flow, submissionPlan([plannedJob()]), { ...SUBMIT, checkout_blob: 'checkouts/1.tar.gz' });
  running = await runningAgent(flow);
});
afterEach(() => flow.close());

const describeFile = (path: string, data: string) => {
  const sha256 = createHash('sha256').update(data).digest();
  return { path, kind: 'artifact' as const, ordinal: 0, size: Buffer.byteLength(data), sha256 };
};
const put = async (path: string, data: string, change: object = {}, fence = running.fence, secret = running.secret) => {
  const upload = { ...describeFile(path, data), ...change };
  await storeArtifact(flow, secret, running.run_id, fence, upload, Readable.from([Buffer.from(data)]));
};
const refused = async (work: Promise<unknown>, code: Code) => {
  await expect(work).rejects.toSatisfy((error) => isError(error, code), code);
};
const rows = () => artifactsOfRun(flow.connection.db, running.run_id);

describe('files of a run', () => {
  it('are kept whole, once, and the last one of a path counts', async () => {
    await put('logs/a.txt', 'one');
    await put('logs/a.txt', 'one');
    await put('logs/b.txt', 'one');
    await put('logs/a.txt', 'two!');
    const kept = await rows();
    expect(kept.map(({ path, size }) => [path, size])).toEqual([
      ['logs/a.txt', 4],
      ['logs/b.txt', 3],
    ]);
    expect(await text(await readArtifact(flow, kept[0]!))).toBe('two!');
  });

  it('can be asked for before they are sent again', async () => {
    const { run_id, fence, secret } = running;
    const kept = () => artifactKept(flow, secret, run_id, fence, describeFile('a', 'data'));
    expect(await kept()).toEqual({ kept_bytes: 0, complete: false });
    await put('a', 'data');
    expect(await kept()).toEqual({ kept_bytes: 4, complete: true });
    await put('a', '', { ...describeFile('a', 'data'), offset: 4 });
    await refused(put('a', 'ta', { ...describeFile('a', 'other data'), offset: 2 }), 'GC1645');
  });

  it('are refused when hash or size differ, and nothing of them is kept', async () => {
    await refused(put('a', 'data', { sha256: Buffer.alloc(32) }), 'GC1222');
    await refused(put('a', 'data', { size: 3 }), 'GC1222');
    await refused(put('a', 'data', { size: 2 ** 50 }), 'GC1644');
    expect(await rows()).toEqual([]);
  });

  it('are refused when all of them together are too large, the parts of others included', async () => {
    const { run_id } = running;
    await put('large', 'data');
    const room = (bytes: number) =>
      change(flow, `update artifacts set size = ${RUN_FILES_LARGEST_BYTES - bytes} where path = 'large'`);
    await room(10);
    await put('small', '12345');
    await refused(put('other', '123456'), 'GC1644');
    await put('small', '1234567890');
    const data = 'x'.repeat(PART_BYTES + 1);
    await room(2 * PART_BYTES);
    await flow.blobs.put(`uploads/${run_id}/${'0'.repeat(64)}/000000000000000`, Buffer.alloc(1));
    await refused(put('in parts', data), 'GC1644');
    await flow.blobs.remove(`uploads/${run_id}/${'0'.repeat(64)}/000000000000000`);
    await put('in parts', data);
    await put('large', 'data again');
    expect((await rows()).map(({ path }) => path).sort()).toEqual(['in parts', 'large', 'small']);
  });

  it('are refused under a path that leaves the working directory', async () => {
    await refused(put('../etc/passwd', 'data'), 'GC1643');
    expect(await rows()).toEqual([]);
  });

  it('are taken from the agent that runs it, under its fence, while it runs', async () => {
    await refused(put('a', 'x', {}, running.fence - 1), 'GC1642');
    await refused(put('a', 'x', {}, running.fence + 1), 'GC1642');
    await refused(put('a', 'x', {}, running.fence, (await readyAgent(flow)).secret), 'GC1642');
    const { agent, run_id, fence } = running;
    await agent.say({ type: 'finish', run_id, fence, outcome: outcome() });
    await refused(put('a', 'x'), 'GC1642');
    expect(await rows()).toEqual([]);
  });
});

describe('a large file', () => {
  const size = 2 * PART_BYTES + 1000;
  const data = Buffer.alloc(size, 'large files have parts ');
  const sha256 = createHash('sha256').update(data).digest();
  const upload = { path: 'image.bin', kind: 'artifact' as const, ordinal: 0, size, sha256 };
  const send = async (offset: number, body: Readable, change: object = {}) =>
    await storeArtifact(flow, running.secret, running.run_id, running.fence, { ...upload, ...change, offset }, body);
  const cutAfter = (bytes: number) =>
    Readable.from(
      (async function* () {
        for (let at = 0; at < bytes; at += 2 ** 20) yield data.subarray(at, Math.min(at + 2 ** 20, bytes));
        throw new Error('the connection was cut');
      })(),
      { objectMode: false },
    );
  const kept = async (of = sha256) =>
    await artifactKept(flow, running.secret, running.run_id, running.fence, { ...upload, sha256: of });

  it('goes on after a cut from what is kept, and leaves no parts behind', async () => {
    await expect(send(0, cutAfter(PART_BYTES + 5000))).rejects.toThrow('cut');
    expect(await kept()).toEqual({ kept_bytes: PART_BYTES, complete: false });
    expect(await rows()).toEqual([]);
    await refused(send(5, Readable.from([data.subarray(5)])), 'GC1645');
    await refused(send(0, Readable.from([data])), 'GC1645');
    await send(PART_BYTES, Readable.from([data.subarray(PART_BYTES)]));
    expect(await kept()).toEqual({ kept_bytes: size, complete: true });
    const [row] = await rows();
    expect((await buffer(await readArtifact(flow, row!))).equals(data)).toBe(true);
    expect([...flow.blobs.objects.keys()].filter((key) => key.startsWith('uploads/'))).toEqual([]);
  });

  it('of which nothing is kept when its hash or size is wrong', async () => {
    await refused(send(0, Readable.from([data]), { sha256: Buffer.alloc(32) }), 'GC1222');
    expect(await kept(Buffer.alloc(32))).toEqual({ kept_bytes: 0, complete: false });
    await refused(send(0, Readable.from([Buffer.concat([data, data])])), 'GC1222');
    expect(await kept()).toEqual({ kept_bytes: 0, complete: false });
    await refused(send(0, Readable.from([data.subarray(0, size - 1)])), 'GC1645');
    expect(await kept()).toEqual({ kept_bytes: size - 1, complete: false });
  });

  it('that never came to its end is forgotten with its run', async () => {
    await expect(send(0, cutAfter(PART_BYTES))).rejects.toThrow('cut');
    const { agent, run_id, fence } = running;
    await agent.say({ type: 'finish', run_id, fence, outcome: outcome() });
    await workOff(flow, workKinds(flow));
    expect([...flow.blobs.objects.keys()].filter((key) => key.startsWith('uploads/'))).toEqual([]);
  });
});

describe('the checkout', () => {
  it('is the archive of the submission, for the run`s agent alone', async () => {
    const { run_id, fence, secret } = running;
    const { size_bytes, stream } = await checkoutStream(flow, secret, run_id, fence);
    expect([size_bytes, await text(stream)]).toEqual([7, 'sources']);
    await refused(checkoutStream(flow, 'nonsense', run_id, fence), 'GC1642');
    await flow.blobs.remove('checkouts/1.tar.gz');
    await refused(checkoutStream(flow, secret, run_id, fence), 'GC1002');
  });
});
