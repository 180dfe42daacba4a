import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Credentials that the fake S3 knows. */
export interface Credentials {
  readonly access_key_id: string;
  readonly secret_access_key: string;
  readonly region: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;

/**
 * Signature Version 4, written down again from its specification, so that a mistake of the client is not repeated
 * here. Null when the request is signed well, else S3's error code.
 */
export function checkSignature(request: IncomingMessage, body: Buffer, credentials: Credentials): string | null {
  const match = AUTHORIZATION.exec(request.headers.authorization ?? '');
  if (match === null) return 'AccessDenied';
  const [, access_key = '', day = '', region = '', signed = '', signature] = match;
  const payload_hash = String(request.headers['x-amz-content-sha256']);
  const time = String(request.headers['x-amz-date']);
  if (access_key !== credentials.access_key_id) return 'InvalidAccessKeyId';
  if (region !== credentials.region || !time.startsWith(day)) return 'AuthorizationHeaderMalformed';
  if (hex(body) !== payload_hash) return 'XAmzContentSHA256Mismatch';
  const headers = signed.split(';');
  if (!['host', 'x-amz-content-sha256', 'x-amz-date'].every((name) => headers.includes(name))) return 'AccessDenied';
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const canonical = [
    request.method,
    // S3 signs the path as it is on the wire: encoded once.
    path,
    canonicalQuery(query),
    ...headers.map((name) => `${name}:${String(request.headers[name]).trim().replace(/ +/g, ' ')}`),
    '',
    signed,
    payload_hash,
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, scope, hex(Buffer.from(canonical))].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${credentials.secret_access_key}`,
  );
  return createHmac('sha256', key).update(text).digest('hex') === signature ? null : 'SignatureDoesNotMatch';
}

function hex(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function canonicalQuery(query: string): string {
  const encode = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return [...new URLSearchParams(query)]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join('&');
}
