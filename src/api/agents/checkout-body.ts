import { Readable } from 'node:stream';
import { GroundcrewError, messageOf } from '../../base/errors/error.ts';
import { formatSize } from '../../base/units.ts';

/** Of an archive of sources. */
export const CHECKOUT_LARGEST_BYTES = 2 * 2 ** 30;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/**
 * The archive in a body, as it comes in. Reading it fails with GC1023 when it is too large, with GC1024 when it is no
 * gzip, or was cut: whoever stores it then keeps nothing.
 */
export function checkoutBody(body: Readable): Readable {
  return Readable.from(checked(body), { objectMode: false });
}

async function* checked(body: Readable): AsyncGenerator<Buffer> {
  let size_bytes = 0;
  let head = Buffer.alloc(0);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (head.length < 2) {
        head = Buffer.concat([head, chunk.subarray(0, 2)]);
        if (head.length >= 2 && !head.subarray(0, 2).equals(GZIP_MAGIC))
          throw refused('it is not compressed with gzip');
      }
      size_bytes += chunk.length;
      if (size_bytes > CHECKOUT_LARGEST_BYTES) {
        throw new GroundcrewError('GC1023', { limit: formatSize(CHECKOUT_LARGEST_BYTES) });
      }
      yield chunk;
    }
  } catch (error) {
    throw error instanceof GroundcrewError ? error : refused(messageOf(error), error);
  }
  if (head.length < 2) throw refused('it is empty');
}

function refused(detail: string, cause?: unknown): GroundcrewError {
  return new GroundcrewError('GC1024', { detail }, cause);
}
