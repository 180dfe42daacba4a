import { Readable } from 'node:stream';
import { deadlineSignal, systemClock } from '../base/clock.ts';
import type { Operations } from '../protocol/client.generated.ts';
import { type ApiClient, problemFrom } from '../protocol/client.ts';
import { packCheckout } from './checkout.ts';

const UPLOAD_WITHIN_MS = 3_600_000;

/** Packs directories, later ones over earlier ones, and uploads them while packing. */
export async function uploadCheckout(
  client: ApiClient,
  directories: readonly string[],
): Promise<Operations['uploadCheckout']['answer']> {
  const response = await fetch(client.address('uploadCheckout'), {
    method: 'POST',
    headers: { ...client.headers, 'content-type': 'application/gzip' },
    body: Readable.toWeb(await packCheckout(directories)) as ReadableStream<Uint8Array>,
    duplex: 'half',
    signal: deadlineSignal(systemClock, UPLOAD_WITHIN_MS),
  } as RequestInit);
  if (!response.ok) throw await problemFrom(response);
  return (await response.json()) as Operations['uploadCheckout']['answer'];
}
