import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemClock } from '../../src/base/clock.ts';
import { until } from '../../src/base/testing/until.ts';

/** What the HTTP half asks of the server that it belongs to. */
export interface HttpHost {
  readonly session_secret: string | null;
  readonly run: { assignment: { run_id: number; fence: number } } | null;
  /** Uploads of what was complete already. */
  readonly repeats: string[];
  problem(text: string): void;
}

export interface StoredArtifact {
  kind: string;
  ordinal: number;
  format: string | null;
  data: Buffer;
}

/** The HTTP half of the fake server: checkout, artifacts with kept parts, and cuts in the middle of both. */
export class FakeHttp {
  checkout: Buffer = Buffer.alloc(0);
  readonly artifacts = new Map<string, StoredArtifact>();
  readonly #parts = new Map<string, Buffer>();
  /** The next transfers are cut after this many bytes each. */
  readonly cuts: number[] = [];
  /** The next PUTs are answered with these. */
  readonly statuses: number[] = [];
  /** Every request is cut, though the websocket stays. */
  cuts_all = false;
  checkouts = 0;
  /** PUTs that are being answered now, and the most of them at once. */
  readonly puts = { now: 0, most: 0 };
  /** The answer to a PUT waits, as on a long line, until so many were under way at once, and then a while for one more. */
  together = 0;
  /** Offsets of the PUTs as they came. */
  readonly put_offsets: number[] = [];
  readonly #server: HttpHost;

  constructor(server: HttpHost) {
    this.#server = server;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.cuts_all) return void request.socket.destroy();
    const url = new URL(request.url ?? '', 'http://localhost');
    const match = /^\/agent\/v1\/runs\/(\d+)\/(\d+)\/(checkout|artifact)$/.exec(url.pathname);
    if (!match) return void response.writeHead(url.pathname === '/agent/v1/connect' ? 426 : 404).end();
    if (request.headers.authorization !== `Bearer ${this.#server.session_secret}`) {
      this.#server.problem(`HTTP without the session's secret: ${url.pathname}`);
      return void response.writeHead(401).end();
    }
    const run = this.#server.run;
    if (run?.assignment.run_id !== Number(match[1]) || run.assignment.fence !== Number(match[2])) {
      return void response.writeHead(410).end();
    }
    if (match[3] === 'checkout') return this.#sendCheckout(response);
    await this.#artifact(request, response, url.searchParams);
  }

  #sendCheckout(response: ServerResponse): void {
    this.checkouts++;
    const cut = this.cuts.shift();
    response.writeHead(200, { 'content-type': 'application/gzip', 'content-length': this.checkout.length });
    if (cut === undefined) return void response.end(this.checkout);
    response.write(this.checkout.subarray(0, cut), () => response.destroy());
  }

  async #artifact(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): Promise<void> {
    const [path, kind] = [query.get('path'), query.get('kind')];
    const [size, offset] = [Number(query.get('size')), Number(query.get('offset'))];
    const sha256 = request.headers['x-content-sha256'];
    if (!path || (kind !== 'result' && kind !== 'artifact') || !/^[0-9a-f]{64}$/.test(String(sha256))) {
      this.#server.problem(`bad artifact request ${request.url}`);
      return void response.writeHead(400).end();
    }
    if ((kind === 'result') !== query.has('format')) this.#server.problem(`format of ${path}`);
    const key = `${kind}:${path}`;
    const kept = this.#parts.get(key) ?? Buffer.alloc(0);
    if (request.method === 'HEAD') {
      const complete = String(this.artifacts.has(key));
      return void response.writeHead(200, { 'x-kept-bytes': kept.length, 'x-complete': complete }).end();
    }
    const status = this.statuses.shift();
    if (status !== undefined) {
      // Unread bytes would reset the connection, and with it sometimes the answer.
      request.once('end', () => response.writeHead(status).end()).resume();
      return;
    }
    this.put_offsets.push(offset);
    this.puts.most = Math.max(this.puts.most, ++this.puts.now);
    response.once('close', () => {
      this.puts.now--;
    });
    if (this.together > 0) await this.#untilTogether();
    if (Number(request.headers['content-length']) !== size - offset) this.#server.problem(`content-length of ${path}`);
    if (offset > kept.length) return void response.writeHead(409).end();
    const data = await this.#receive(request, kept.subarray(0, offset), key);
    if (data === null) return;
    if (data.length !== size || createHash('sha256').update(data).digest('hex') !== sha256) {
      this.#parts.delete(key);
      return void response.writeHead(422).end();
    }
    if (this.artifacts.has(key)) this.#server.repeats.push(key);
    this.artifacts.set(key, { kind, ordinal: Number(query.get('ordinal')), format: query.get('format'), data });
    response.writeHead(201).end();
  }

  async #untilTogether(): Promise<void> {
    await until(() => this.puts.most >= this.together, `${this.together} at once`);
    // One more would come meanwhile.
    await systemClock.sleep(50);
  }

  async #receive(request: IncomingMessage, before: Buffer, key: string): Promise<Buffer | null> {
    const cut = this.cuts.shift();
    const parts = [before];
    let bytes = 0;
    try {
      for await (const part of request as AsyncIterable<Buffer>) {
        parts.push(part);
        bytes += part.length;
        this.#parts.set(key, Buffer.concat(parts));
        if (cut !== undefined && bytes >= cut) {
          request.socket.destroy();
          return null;
        }
      }
    } catch {
      return null;
    }
    return Buffer.concat(parts);
  }
}
