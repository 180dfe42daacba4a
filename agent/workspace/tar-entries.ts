import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Extract, extract } from 'tar-stream';
import { formatSize } from '../../src/base/units.ts';

/** A header, and a stream of the bytes that belong to it. */
export type TarEntry = Extract extends AsyncIterable<infer Source> ? Source : never;

/** Of what goes before an entry; tar-stream itself refuses at 4 MiB, which bounds the memory. */
const ATTRIBUTES_BYTES = 2 ** 20;

/**
 * The entries of a tar.gz in bounded memory; an entry's bytes are to be read before the next is asked for. Throws an
 * `Error` with a plain sentence when the archive is damaged, cut short, or unpacks to more than `limit_bytes`.
 */
export async function* tarEntries(archive: Readable, limit_bytes: number): AsyncGenerator<TarEntry> {
  // Archives from before POSIX have no mark of their format.
  const entries = extract({ allowUnknownFormat: true } as Parameters<typeof extract>[0]);
  // What goes wrong on the way is what the entries end with.
  pipeline(
    archive,
    createGunzip(),
    (unzipped: AsyncIterable<Buffer>) => bounded(unzipped, limit_bytes),
    entries,
    () => {},
  );
  for await (const entry of entries) {
    checkAttributes((entry.header.pax ?? {}) as Record<string, string>);
    yield entry;
    entry.resume();
  }
}

async function* bounded(unzipped: AsyncIterable<Buffer>, limit_bytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of unzipped) {
    bytes += chunk.length;
    if (bytes > limit_bytes) throw new Error(`it unpacks to more than ${formatSize(limit_bytes)}`);
    yield chunk;
  }
}

function checkAttributes(attributes: Readonly<Record<string, string>>): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(attributes)) bytes += name.length + value.length;
  if (bytes > ATTRIBUTES_BYTES) throw new Error('an extended header is longer than 1 MiB');
}
