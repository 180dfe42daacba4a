import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { type Clock, withTimeout } from '../base/clock.ts';
import { GroundcrewError, messageOf } from '../base/errors/error.ts';

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
const FIRST_DELAY_MS = 100;
/** Until the headers of the answer are there: a part of some MiB over a slow line. */
const ANSWER_TIMEOUT_MS = 120_000;

/** Signed requests, tried again a few times when the store or the network has a bad moment. */
export class S3Client {
  readonly #settings: S3Settings;
  readonly #clock: Clock;
  readonly #aws: AwsClient;

  constructor(settings: S3Settings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
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
      await this.#clock.sleep(FIRST_DELAY_MS * 2 ** (tries - 1));
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
    const text = await answer.text().catch(() => '');
    const code = readXml(text, 'Code')[0] ?? `status ${answer.status}`;
    if (answer.status === 507 || code === 'XMinioStorageFull') {
      return new GroundcrewError('GC1211', { detail: `the object store at ${this.#settings.endpoint}` });
    }
    return this.#error(request, `${code} ${readXml(text, 'Message')[0] ?? ''}`.trim());
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

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** The texts of all elements with this name: S3's answers are flat enough for that. */
export function readXml(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) =>
    text.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => ENTITIES[entity] as string),
  );
}
