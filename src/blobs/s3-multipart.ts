import type { Clock } from '../base/clock.ts';
import { GroundcrewError } from '../base/errors/error.ts';
import type { PutResult } from './contract.ts';
import type { S3Client, S3Request } from './s3-client.ts';
import { childrenOf, textOf } from './s3-xml.ts';

const OLDEST_MS = 24 * 3_600_000;

/** Sends a big object part by part; it appears as a whole when `result` has agreed, and otherwise nothing stays. */
export async function uploadParts(
  client: S3Client,
  key: string,
  parts: AsyncIterable<Buffer>,
  result: () => PutResult,
): Promise<PutResult> {
  const upload = await begin(client, key);
  try {
    const tags: string[] = [];
    for await (const body of parts) tags.push(await sendPart(client, key, { upload, number: tags.length + 1, body }));
    const checked = result();
    await complete(client, key, upload, tags);
    return checked;
  } catch (error) {
    // What cannot be given up now is given up at a later start.
    await abort(client, key, upload).catch(() => undefined);
    throw error;
  }
}

async function begin(client: S3Client, key: string): Promise<string> {
  const request: S3Request = { method: 'POST', key, query: { uploads: '' }, action: 'store' };
  const upload = textOf(await client.read(request, await client.request(request)), 'UploadId');
  if (upload === null) throw strange(key, 'it began an upload without an identifier.');
  return upload;
}

async function sendPart(
  client: S3Client,
  key: string,
  { upload, number, body }: { upload: string; number: number; body: Buffer },
): Promise<string> {
  const query = { partNumber: String(number), uploadId: upload };
  const answer = await client.request({ method: 'PUT', key, query, body, action: 'store' });
  await answer.body?.cancel();
  const tag = answer.headers.get('etag');
  if (tag === null) throw strange(key, `it took part ${number} without a tag.`);
  return tag;
}

async function complete(client: S3Client, key: string, upload: string, tags: readonly string[]): Promise<void> {
  const parts = tags.map((tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
  const request: S3Request = {
    ...{ method: 'POST', key, query: { uploadId: upload }, action: 'store', expected: [404] },
    body: Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`),
  };
  const answer = await client.request(request);
  // Answered before it is done, so an error may follow the good status. No such upload: an earlier try did it, if the
  // object is there.
  if (answer.status === 404) {
    await answer.body?.cancel();
    if ((await client.request({ method: 'HEAD', key, action: 'store', expected: [404] })).ok) return;
    throw strange(key, '404 when the upload was completed.');
  }
  const code = textOf(await client.read(request, answer), 'Code');
  if (code !== null) throw strange(key, `${code} when the upload was completed.`);
}

async function abort(client: S3Client, key: string, upload: string): Promise<void> {
  await client.request({ method: 'DELETE', key, query: { uploadId: upload }, action: 'store', expected: [404] });
}

/** Gives up what killed servers left, which would be billed for ever. Stores that cannot list uploads are left alone. */
export async function abortOldUploads(client: S3Client, clock: Clock): Promise<void> {
  const query = { uploads: '', prefix: client.withPrefix('') };
  const expected = [400, 403, 404, 405, 501];
  const request: S3Request = { method: 'GET', key: null, query, action: 'open', expected };
  const answer = await client.request(request);
  if (!answer.ok) {
    await answer.body?.cancel();
    return;
  }
  for (const upload of childrenOf(await client.read(request, answer), 'Upload')) {
    const [key, id, started] = ['Key', 'UploadId', 'Initiated'].map((name) => textOf(upload, name));
    if (key == null || id == null || started == null) continue;
    if (clock.now_ms() - Date.parse(started) > OLDEST_MS) await abort(client, client.withoutPrefix(key), id);
  }
}

function strange(key: string, detail: string): GroundcrewError {
  return new GroundcrewError('GC1223', { address: 'S3', action: 'store', key, detail });
}
