import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { type Backoff, backoff_ms } from '../base/backoff.ts';
import { type Clock, withTimeout } from '../base/clock.ts';
import { GroundcrewError, messageOf } from '../base/errors/error.ts';
import type { Random } from '../base/random.ts';
import { readXml, textOf, type XmlElement } from './s3-xml.ts';

/** The section `blobs.s3` of the configuration. */
export interface S3Settings {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Put before every key. */
  readonly prefix: string;
  readonly access_key_id: string;
  readonly secret_access_key: string;
}

export interface S3Request {
  readonly method: string;
  /** Null: the bucket itself. */
  readonly key: string | null;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** For messages: "could not ACTION KEY". */
  readonly action: string;
  /** Statuses above 299 that the caller understands. */
  readonly expected?: readonly number[];
}

const MOST_TRIES = 5;
const BETWEEN_TRIES: Backoff = { first_ms: 100, longest_ms: 5_000 };
/** Until the headers of the answer are there: a part of some MiB over a slow line. */
const ANSWER_TIMEOUT_MS = 120_000;

/** What answered is no store that speaks S3, or the line was cut. */
const NO_XML: XmlElement = { name: '', text: '', children: [] };

/** Signed requests, tried again a few times when the store or the network has a bad moment. */
export class S3Client {
  readonly #settings: S3Settings;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #aws: AwsClient;

  constructor(settings: S3Settings, clock: Clock, random: Random) {
    this.#settings = settings;
    this.#clock = clock;
    this.#random = random;
    this.#aws = new AwsClient({
      accessKeyId: settings.access_key_id,
      secretAccessKey: settings.secret_access_key,
      region: settings.region,
      service: 's3',
    });
  }

  withPrefix(key: string): string {
    return this.#settings.prefix + key;
  }

  withoutPrefix(key: string): string {
    return key.slice(this.#settings.prefix.length);
  }

  /** What a good answer says. Error: GC1223 when it is no XML. */
  async read(request: S3Request, answer: Response): Promise<XmlElement> {
    const text = await answer.text();
    try {
      return readXml(text);
    } catch (error) {
      throw this.#error(request, `its answer cannot be read: ${messageOf(error)}`, error);
    }
  }

  /** The answer, its status below 300 or an expected one. Errors: GC1211 store full, GC1223 anything else. */
  async request(request: S3Request): Promise<Response> {
    for (let tries = 1; ; tries++) {
      const last = tries === MOST_TRIES;
      const outcome = await this.#send(request).catch((error: unknown) => this.#error(request, describe(error), error));
      if (outcome instanceof Response) {
        if (outcome.ok || request.expected?.includes(outcome.status)) return outcome;
        const error = await this.#refusal(request, outcome);
        const passing = outcome.status === 429 || (outcome.status >= 500 && error.code !== 'GC1211');
        if (last || !passing) throw error;
      } else if (last) throw outcome;
      await this.#clock.sleep(backoff_ms(this.#random, tries, BETWEEN_TRIES));
    }
  }

  async #send({ method, key, query, headers, body }: S3Request): Promise<Response> {
    const url = new URL(this.#settings.endpoint);
    const path = key === null ? '' : `/${this.withPrefix(key).split('/').map(encodeURIComponent).join('/')}`;
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${this.#settings.bucket}${path}`;
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    const sha256 = createHash('sha256')
      .update(body ?? '')
      .digest('hex');
    const signed = await this.#aws.sign(url.href, {
      method,
      // The store compares the body with this, so that what arrives is what was sent.
      headers: { ...headers, 'x-amz-content-sha256': sha256 },
      ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
    });
    return withTimeout(
      this.#clock,
      ANSWER_TIMEOUT_MS,
      (signal) => fetch(signed, { signal, redirect: 'error' }),
      () => new Error('no answer in time'),
    );
  }

  async #refusal(request: S3Request, answer: Response): Promise<GroundcrewError> {
    const refusal = await answer
      .text()
      .then(readXml)
      .catch(() => NO_XML);
    const code = textOf(refusal, 'Code') ?? `status ${answer.status}`;
    if (answer.status === 507 || code === 'XMinioStorageFull') {
      return new GroundcrewError('GC1211', { detail: `the object store at ${this.#settings.endpoint}` });
    }
    return this.#error(request, `${code} ${textOf(refusal, 'Message') ?? ''}`.trim());
  }

  #error({ action, key }: S3Request, detail: string, cause?: unknown): GroundcrewError {
    const { endpoint, bucket } = this.#settings;
    const address = `${endpoint} (bucket ${bucket})`;
    return new GroundcrewError('GC1223', { address, action, key: key ?? 'the bucket', detail }, cause);
  }
}

/** fetch says "fetch failed" and hides why. */
function describe(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : messageOf(cause);
}
