import { Readable, Transform } from 'node:stream';
import { systemClock, withTimeout } from '../base/clock.ts';
import { GroundcrewError } from '../base/errors/error.ts';
import type { Operations } from '../protocol/client.generated.ts';
import { type ApiClient, problemFrom } from '../protocol/client.ts';
import { packCheckout } from './checkout.ts';
import { unreachable } from './unreachable.ts';

const UPLOAD_WITHIN_MS = 3_600_000;

/**
 * Packs directories, later ones over earlier ones, and uploads them while packing. Errors: GC1017 when they cannot be
 * read, GC1011 and the server's.
 */
export async function uploadCheckout(
  client: ApiClient,
  directories: readonly string[],
  onBytes: (count: number) => void = () => undefined,
): Promise<Operations['uploadCheckout']['answer']> {
  const url = new URL(client.address('live')).origin;
  let broken: unknown = null;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  const archive = await packCheckout(directories);
  archive.on('error', (error) => {
    broken = error;
    counted.destroy(error);
  });
  const work = async (signal: AbortSignal): Promise<Operations['uploadCheckout']['answer']> => {
    const response = await fetch(client.address('uploadCheckout'), {
      method: 'POST',
      headers: { ...client.headers, 'content-type': 'application/gzip' },
      body: Readable.toWeb(archive.pipe(counted)) as ReadableStream<Uint8Array>,
      duplex: 'half',
      signal,
    } as RequestInit);
    if (!response.ok) throw await problemFrom(response);
    return (await response.json()) as Operations['uploadCheckout']['answer'];
  };
  const late = (): Error => new GroundcrewError('GC1011', { url, detail: 'the upload took longer than an hour.' });
  try {
    return await withTimeout(systemClock, UPLOAD_WITHIN_MS, work, late);
  } catch (error) {
    if (broken === null) throw unreachable(error, url);
    const detail = broken instanceof Error ? broken.message : String(broken);
    throw new GroundcrewError('GC1017', { directory: directories.join(', '), detail }, error);
  } finally {
    archive.destroy();
  }
}
