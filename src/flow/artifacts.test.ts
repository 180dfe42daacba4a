import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Code } from '../base/errors/catalogue.ts';
import { isError } from '../base/errors/error.ts';
import { artifactsOfRun } from '../runs/store/artifacts.ts';
import { artifactKept, checkoutStream, readArtifact, storeArtifact } from './artifacts.ts';
import { submit } from './submit.ts';
import {
  outcome,
  plannedJob,
  readyAgent,
  runningAgent,
  SUBMIT,
  submissionPlan,
  type TestFlow,
  testFlow,
} from './testing/runs.ts';

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
