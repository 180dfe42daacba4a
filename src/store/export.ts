import { createHash } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import copyStreams from 'pg-copy-streams';
import { type Clock, dateFrom } from '../base/clock.ts';
import { isError } from '../base/errors/error.ts';
import { FrameWriter, MAGIC } from './archive/frames.ts';
import type { EndFrame, ExportHeader } from './archive/header.ts';
import { copyTarget, listSequences, listTables, MIGRATIONS_TABLE } from './archive/tables.ts';
import type { DatabaseConnection } from './connect.ts';
import { translateDatabaseError } from './connection-errors.ts';

const CHUNK_BYTES = 64 * 2 ** 10;

/** Objects that go into an export beside the database; the object store has this shape. */
export interface ObjectSource {
  list(prefix: string): AsyncIterable<string>;
  get(key: string): Promise<Readable>;
}

export interface ExportOptions {
  readonly clock: Clock;
  /** Left out: only the database is exported. */
  readonly objects?: ObjectSource;
}

/** What an export or an import held. */
export interface TransferCounts {
  tables: number;
  rows: number;
  objects: number;
}

/**
 * Writes the whole database, as it is at one moment, while everything goes on. Streams: nothing is held but a few
 * chunks. The file is complete when this has resolved, and an incomplete one is never imported.
 */
export async function exportDatabase(
  connection: Pick<DatabaseConnection, 'client_config'>,
  destination: Writable,
  options: ExportOptions,
): Promise<TransferCounts> {
  const client = new pg.Client({ ...connection.client_config, application_name: 'groundcrew export' });
  client.on('error', () => undefined);
  await client.connect();
  const counts: TransferCounts = { tables: 0, rows: 0, objects: 0 };
  try {
    await client.query('begin isolation level repeatable read read only');
    await pipeline(frames(client, options, counts), createGzip({ level: 6 }), withMagic, destination);
    return counts;
  } catch (error) {
    throw translateDatabaseError(error);
  } finally {
    await client.end();
  }
}

async function* withMagic(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield Buffer.from(MAGIC, 'latin1');
  yield* compressed;
}

async function* frames(client: pg.Client, options: ExportOptions, counts: TransferCounts): AsyncGenerator<Buffer> {
  const writer = new FrameWriter();
  yield writer.json('H', await header(client, options.clock));
  for (const table of await listTables(client)) {
    yield writer.json('T', table);
    const copy = client.query(copyStreams.to(`copy ${copyTarget(client, table)} to stdout`));
    for await (const chunk of gathered(copy)) yield writer.data(chunk);
    const rows = copy.rowCount ?? 0;
    yield writer.json('E', { rows } satisfies EndFrame);
    counts.tables += 1;
    counts.rows += rows;
  }
  // Read after the rows: a sequence may be ahead of them, never behind.
  yield writer.json('S', await listSequences(client));
  if (options.objects !== undefined) yield* objectFrames(writer, options.objects, counts);
  yield writer.end();
}

async function header(client: pg.Client, clock: Clock): Promise<ExportHeader> {
  const migrations = await client.query<{ name: string }>(`select name from ${MIGRATIONS_TABLE} order by name`);
  const version = await client.query<{ version: string }>(`select current_setting('server_version') as version`);
  return {
    migrations: migrations.rows.map((row) => row.name),
    made_at: dateFrom(clock.now_ms()).toISOString(),
    postgres: version.rows[0]?.version ?? '',
  };
}

/** COPY answers row by row: a frame each would cost more than its row. */
async function* gathered(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let held_bytes = 0;
  for await (const chunk of chunks) {
    held.push(chunk);
    held_bytes += chunk.length;
    if (held_bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(held);
    held = [];
    held_bytes = 0;
  }
  if (held_bytes > 0) yield Buffer.concat(held);
}

/** Objects are put before the rows that name them, so listing them after the rows finds all that are needed. */
async function* objectFrames(
  writer: FrameWriter,
  objects: ObjectSource,
  counts: TransferCounts,
): AsyncGenerator<Buffer> {
  for await (const key of objects.list('')) {
    const body = await objects.get(key).catch((error: unknown) => {
      // Removed since it was listed.
      if (isError(error, 'GC1221')) return null;
      throw error;
    });
    if (body === null) continue;
    yield writer.json('B', { key });
    const hash = createHash('sha256');
    let size_bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      hash.update(chunk);
      size_bytes += chunk.length;
      yield writer.data(chunk);
    }
    yield writer.json('E', { size_bytes, sha256: hash.digest('hex') } satisfies EndFrame);
    counts.objects += 1;
  }
}
