import { ByteSource } from './byte-source.ts';

/** The kinds that an archive of sources may hold; anything else (devices, pipes) is reported as `other`. */
export type TarKind = 'file' | 'directory' | 'symbolic link' | 'hard link' | 'other';

export interface TarEntry {
  /** As written in the archive: not yet safe. */
  path: string;
  kind: TarKind;
  /** Of links. */
  target: string;
  mode: number;
  size_bytes: number;
  modified_s: number;
  /** A file's bytes, to be read before the next entry is asked for; what is left is skipped. */
  body: AsyncIterable<Buffer>;
}

const BLOCK = 512;
/** A path and a few attributes; an archive must not make us hold more than this. */
const EXTENSION_BYTES = 2 ** 20;

const KINDS: Record<string, TarKind> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hard link',
  '2': 'symbolic link',
  '5': 'directory',
};

/**
 * Reads a tar stream (ustar, GNU long names, pax) in bounded memory. Throws an `Error` with a plain sentence when it is
 * damaged or cut short.
 */
export async function* readTar(input: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const source = new ByteSource(input);
  let extension: Record<string, string> = {};
  for (;;) {
    const header = await source.take(BLOCK, true);
    if (header === null || header.every((byte) => byte === 0)) break;
    checkSum(header);
    const flag = String.fromCharCode(header[156] as number);
    const size_bytes = sizeOf(header, extension);
    if (flag === 'x' || flag === 'g' || flag === 'L' || flag === 'K') {
      const data = await extensionData(source, size_bytes);
      if (flag === 'x') extension = { ...extension, ...parsePax(data) };
      else if (flag !== 'g') extension[flag === 'L' ? 'path' : 'linkpath'] = textOf(data);
      continue;
    }
    const kind = KINDS[flag] ?? 'other';
    const held_bytes = kind === 'file' || kind === 'other' ? size_bytes : 0;
    const body = source.body(held_bytes);
    yield { ...describe(header, extension, kind), size_bytes: held_bytes, body };
    await source.skipRest();
    await source.take(padding(held_bytes), false);
    extension = {};
  }
  // What follows the end is of no interest, but a cut transport must not pass for a whole archive.
  await source.drain();
}

function describe(
  header: Buffer,
  extension: Record<string, string>,
  kind: TarKind,
): Omit<TarEntry, 'size_bytes' | 'body'> {
  const name = textOf(header.subarray(0, 100));
  const isPosix = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isPosix ? textOf(header.subarray(345, 500)) : '';
  const path = extension.path ?? (prefix === '' ? name : `${prefix}/${name}`);
  return {
    path,
    // Old archives mark a directory by the slash alone.
    kind: kind === 'file' && path.endsWith('/') ? 'directory' : kind,
    target: extension.linkpath ?? textOf(header.subarray(157, 257)),
    mode: numberOf(header.subarray(100, 108)) & 0o777,
    modified_s: numberOf(header.subarray(136, 148)),
  };
}

async function extensionData(source: ByteSource, size_bytes: number): Promise<Buffer> {
  if (size_bytes > EXTENSION_BYTES) throw new Error('an extended header is longer than 1 MiB');
  const data = (await source.take(size_bytes, false)) as Buffer;
  await source.take(padding(size_bytes), false);
  return data;
}

function padding(size_bytes: number): number {
  return (BLOCK - (size_bytes % BLOCK)) % BLOCK;
}

function sizeOf(header: Buffer, extension: Record<string, string>): number {
  const size_bytes = extension.size === undefined ? numberOf(header.subarray(124, 136)) : Number(extension.size);
  if (!Number.isSafeInteger(size_bytes) || size_bytes < 0) throw new Error('the size of an entry is not a number');
  return size_bytes;
}

function checkSum(header: Buffer): void {
  let sum = 8 * 0x20;
  for (let index = 0; index < BLOCK; index++) if (index < 148 || index >= 156) sum += header[index] as number;
  if (sum !== numberOf(header.subarray(148, 156))) throw new Error('a header is damaged (its checksum is wrong)');
}

/** Octal text, or GNU's base 256 with the first bit set. */
function numberOf(field: Buffer): number {
  if (((field[0] as number) & 0x80) !== 0) {
    let value = (field[0] as number) & 0x7f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return value;
  }
  const text = textOf(field).trim();
  return text === '' ? 0 : /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

function textOf(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? field.length : end);
}

/** Records `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record in bytes. */
function parsePax(data: Buffer): Record<string, string> {
  const found: Record<string, string> = {};
  for (let start = 0; start < data.length; ) {
    const space = data.indexOf(0x20, start);
    const length = Number(data.toString('latin1', start, space));
    if (space === -1 || !Number.isInteger(length) || length <= space - start || start + length > data.length) {
      throw new Error('an extended header is damaged');
    }
    const record = data.toString('utf8', space + 1, start + length - 1);
    const equals = record.indexOf('=');
    const key = record.slice(0, equals);
    if (key === 'path' || key === 'linkpath' || key === 'size') found[key] = record.slice(equals + 1);
    start += length;
  }
  return found;
}
