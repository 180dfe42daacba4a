import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { openS3Blobs } from './s3.ts';
import type { S3Settings } from './s3-client.ts';
import { blobsContract } from './testing/contract-suite.ts';
import { type FakeS3, startFakeS3 } from './testing/fake-s3.ts';

const credentials = { access_key_id: 'crew', secret_access_key: 'very/secret+key', region: 'eu-west-1' };
let s3: FakeS3;
beforeAll(async () => {
  s3 = await startFakeS3('crew-bucket', credentials);
});
afterAll(() => s3.close());
beforeEach(() => {
  s3.objects.clear();
  s3.uploads.clear();
  s3.mishaps.length = 0;
});

const settings = (changes: Partial<S3Settings> = {}): S3Settings => ({
  ...credentials,
  ...{ endpoint: s3.endpoint, bucket: 'crew-bucket', prefix: 'a team/', ...changes },
});
const open = (changes?: Partial<S3Settings>) => openS3Blobs(settings(changes), systemClock);

blobsContract('S3', () => open());

test('another prefix in the same bucket is never seen', async () => {
  const ours = await open();
  const theirs = await open({ prefix: 'b+team/' });
  await ours.put('logs/1', Buffer.from('ours'));
  await theirs.put('logs/1', Buffer.from('theirs'));
  expect((await buffer(await ours.get('logs/1'))).toString()).toBe('ours');
  expect([...s3.objects.keys()]).toEqual(['a team/logs/1', 'b+team/logs/1']);
});

test('a bad moment of the store or the line is tried again, with everything in its place', async () => {
  const blobs = await open();
  const data = systemRandom.bytes(17 * 2 ** 20);
  s3.mishaps.push(503, 'cut');
  await blobs.put('small', Buffer.from('small'));
  s3.mishaps.push('cut', 500, 'cut after doing', 429);
  await blobs.put('big', Readable.from([data]));
  expect(s3.objects.get('a team/big')?.equals(data)).toBe(true);
  s3.mishaps.push('cut', 503);
  expect((await buffer(await blobs.get('small'))).toString()).toBe('small');
});

test('a completion whose answer was lost has happened once', async () => {
  const blobs = await open();
  // The beginning and two parts go well.
  s3.mishaps.push('none', 'none', 'none', 'cut after doing');
  await blobs.put('big', Readable.from([systemRandom.bytes(8 * 2 ** 20), systemRandom.bytes(2 ** 20)]));
  expect(s3.objects.get('a team/big')?.length).toBe(9 * 2 ** 20);
  expect(s3.uploads.size).toBe(0);
});

test('a store that stays away is named, with its own words and without the secret', async () => {
  const blobs = await open();
  s3.mishaps.push(503, 503, 503, 503, 503);
  const failure = await blobs.put('a', Buffer.from('a')).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'GC1223', message: expect.stringContaining('SlowDown told <so>') });
  expect(String(failure)).not.toContain(credentials.secret_access_key);
  s3.mishaps.push(507);
  await expect(blobs.put('a', Buffer.from('a'))).rejects.toMatchObject({ code: 'GC1211' });
});

test('wrong settings are known at the start', async () => {
  await expect(open({ secret_access_key: 'other' })).rejects.toMatchObject({
    message: expect.stringContaining('SignatureDoesNotMatch'),
  });
  await expect(open({ access_key_id: 'other' })).rejects.toMatchObject({
    message: expect.stringContaining('InvalidAccessKeyId'),
  });
  await expect(open({ bucket: 'other' })).rejects.toMatchObject({ message: expect.stringContaining('NoSuchBucket') });
  const gone = await startFakeS3('crew-bucket', credentials);
  await gone.close();
  await expect(open({ endpoint: gone.endpoint })).rejects.toMatchObject({
    code: 'GC1223',
    message: expect.stringContaining('ECONNREFUSED'),
  });
});

test('uploads that killed servers left are given up after a day, others are not', async () => {
  const hour_ms = 3_600_000;
  const started = (hours: number, key: string) => ({
    key,
    started_ms: systemClock.now_ms() - hours * hour_ms,
    parts: new Map(),
  });
  s3.uploads.set('old', started(25, 'a team/old'));
  s3.uploads.set('young', started(1, 'a team/young'));
  s3.uploads.set('foreign', started(25, 'b team/old'));
  await open();
  expect([...s3.uploads.keys()]).toEqual(['young', 'foreign']);
});
