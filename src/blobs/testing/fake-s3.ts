import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { dateFrom, systemClock } from '../../base/clock.ts';
import { type Credentials, checkSignature } from './signature.ts';

interface Upload {
  readonly key: string;
  readonly started_ms: number;
  readonly parts: Map<number, Buffer>;
}

/** What goes wrong with the next request: an answer with this status, or a connection that breaks. */
export type Mishap = number | 'none' | 'cut' | 'cut after doing';

/** A small S3 over real HTTP, strict where S3 is: signatures, hashes, part sizes and tags. */
export interface FakeS3 {
  readonly endpoint: string;
  readonly objects: Map<string, Buffer>;
  readonly uploads: Map<string, Upload>;
  /** Taken one a request, from the front. */
  readonly mishaps: Mishap[];
  close(): Promise<void>;
}

const SMALLEST_PART_BYTES = 5 * 2 ** 20;
const PAGE_KEYS = 7;

class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

export async function startFakeS3(bucket: string, credentials: Credentials): Promise<FakeS3> {
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, Upload>();
  const mishaps: Mishap[] = [];
  const store = new Store(objects, uploads);
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const mishap = mishaps.shift();
    if (mishap === 'cut') return void request.socket.destroy();
    try {
      if (typeof mishap === 'number') throw new Refusal(mishap, 'SlowDown');
      const refused = checkSignature(request, body, credentials);
      if (refused !== null) throw new Refusal(403, refused);
      const url = new URL(request.url ?? '', 'http://fake');
      const [, first, ...rest] = url.pathname.split('/').map(decodeURIComponent);
      if (first !== bucket) throw new Refusal(404, 'NoSuchBucket');
      const reply = store.handle(request, rest.join('/'), url.searchParams, body);
      if (mishap === 'cut after doing') return void request.socket.destroy();
      response.writeHead(reply.status ?? 200, reply.headers).end(request.method === 'HEAD' ? undefined : reply.body);
    } catch (error) {
      const { status, code } = error instanceof Refusal ? error : new Refusal(500, String(error));
      response.writeHead(status).end(`<Error><Code>${code}</Code><Message>told &lt;so&gt;</Message></Error>`);
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ endpoint: `http://127.0.0.1:${port}`, objects, uploads, mishaps },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body?: Buffer | string;
}

class Store {
  readonly #objects: Map<string, Buffer>;
  readonly #uploads: Map<string, Upload>;
  readonly #modified = new Map<string, string>();
  #count = 0;

  constructor(objects: Map<string, Buffer>, uploads: Map<string, Upload>) {
    this.#objects = objects;
    this.#uploads = uploads;
  }

  handle(request: IncomingMessage, key: string, query: URLSearchParams, body: Buffer): Reply {
    const upload = query.get('uploadId');
    const { method } = request;
    if (key === '' && method === 'GET') return query.has('uploads') ? this.#listUploads(query) : this.#list(query);
    if (method === 'POST' && query.has('uploads')) return this.#begin(key);
    if (upload !== null && method === 'PUT') return this.#part(upload, Number(query.get('partNumber')), body);
    if (upload !== null && method === 'POST') return this.#complete(upload, body.toString());
    if (upload !== null && method === 'DELETE') return { status: this.#uploads.delete(upload) ? 204 : 404 };
    if (method === 'PUT') return this.#put(key, body);
    if (method === 'DELETE') {
      this.#objects.delete(key);
      return { status: 204 };
    }
    if (method === 'GET' || method === 'HEAD') return this.#get(key, request.headers.range);
    throw new Refusal(501, 'NotImplemented');
  }

  #put(key: string, body: Buffer): Reply {
    this.#keep(key, body);
    return { headers: { etag: tagOf(body) } };
  }

  #keep(key: string, body: Buffer): void {
    this.#objects.set(key, body);
    this.#modified.set(key, dateFrom(systemClock.now_ms()).toUTCString());
  }

  #get(key: string, range: string | undefined): Reply {
    const body = this.#objects.get(key);
    if (body === undefined) throw new Refusal(404, 'NoSuchKey');
    const modified = this.#modified.get(key) ?? '';
    if (range === undefined) {
      return { headers: { 'content-length': String(body.length), 'last-modified': modified }, body };
    }
    const match = /^bytes=(\d+)-(\d*)$/.exec(range);
    if (match === null || Number(match[1]) >= body.length) throw new Refusal(416, 'InvalidRange');
    const part = body.subarray(Number(match[1]), match[2] === '' ? undefined : Number(match[2]) + 1);
    return { status: 206, headers: { 'content-length': String(part.length) }, body: part };
  }

  #list(query: URLSearchParams): Reply {
    const prefix = query.get('prefix') ?? '';
    const after = query.get('continuation-token') ?? '';
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort(byBytes);
    const page = keys.slice(0, PAGE_KEYS);
    const more = keys.length > page.length;
    const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
    const contents = page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
    return { body: `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents}</ListBucketResult>` };
  }

  #listUploads(query: URLSearchParams): Reply {
    const prefix = query.get('prefix') ?? '';
    const uploads = [...this.#uploads].filter(([, upload]) => upload.key.startsWith(prefix));
    const lines = uploads.map(
      ([id, { key, started_ms }]) =>
        `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${dateFrom(started_ms).toISOString()}</Initiated></Upload>`,
    );
    return { body: `<ListMultipartUploadsResult>${lines.join('\n')}</ListMultipartUploadsResult>` };
  }

  #begin(key: string): Reply {
    this.#count += 1;
    this.#uploads.set(`upload-${this.#count}`, { key, started_ms: systemClock.now_ms(), parts: new Map() });
    return {
      body: `<InitiateMultipartUploadResult><UploadId>upload-${this.#count}</UploadId></InitiateMultipartUploadResult>`,
    };
  }

  #part(upload: string, number: number, body: Buffer): Reply {
    const parts = this.#uploads.get(upload)?.parts;
    if (parts === undefined) throw new Refusal(404, 'NoSuchUpload');
    parts.set(number, body);
    return { headers: { etag: tagOf(body) } };
  }

  #complete(id: string, xml: string): Reply {
    const upload = this.#uploads.get(id);
    if (upload === undefined) throw new Refusal(404, 'NoSuchUpload');
    const named = [...xml.matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]+)<\/ETag>/g)];
    const bodies = named.map(([, number, tag]) => {
      const part = upload.parts.get(Number(number));
      if (part === undefined || tagOf(part) !== tag) throw new Refusal(400, 'InvalidPart');
      return part;
    });
    if (bodies.slice(0, -1).some((part) => part.length < SMALLEST_PART_BYTES)) throw new Refusal(400, 'EntityTooSmall');
    this.#keep(upload.key, Buffer.concat(bodies));
    this.#uploads.delete(id);
    return { body: '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>' };
  }
}

function tagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : 1;
}
