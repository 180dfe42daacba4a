import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import copyStreams from 'pg-copy-streams';
import { GroundcrewError, messageOf } from '../base/errors/error.ts';
import { type Random, randomName } from '../base/random.ts';
import { DamagedExport, type Frame, type FrameKind, parseJson, readFrames } from './archive/frames.ts';
import type { EndFrame, ExportHeader } from './archive/header.ts';
import { copyTarget, listTables, type SequenceValue, type TableShape } from './archive/tables.ts';
import type { DatabaseConnection } from './connect.ts';
import { errorCode, translateDatabaseError } from './connection-errors.ts';
import type { TransferCounts } from './export.ts';
import { clearEmptySchema, makeSchema, switchTriggers } from './import-schema.ts';
import { migrate } from './migrate.ts';

/** Where the objects of an export go; the object store has this shape. */
export interface ObjectTarget {
  put(key: string, body: Readable): Promise<{ size_bytes: number; sha256: Buffer }>;
  remove(key: string): Promise<void>;
}

/** The connection of an import, whose one transaction is open. */
export interface ImportConnection {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

export interface ImportOptions {
  readonly random: Random;
  /**
   * The old server is gone for good, and its machines are ours. Otherwise this becomes a new deployment that only
   * observes, so that a copy of yesterday's database never deletes today's machines.
   */
  readonly take_over?: boolean;
  /** What becomes of the nodes of the deployment that the export was made of, when this becomes another one. */
  readonly leave_nodes?: (connection: ImportConnection) => Promise<void>;
  /** Left out: an export that holds objects is refused. */
  readonly objects?: ObjectTarget;
}

/**
 * Fills an empty database from an export, in one transaction: a killed import, a truncated or a damaged file leave it
 * as it was. Errors: GC1211 disk full, GC1214 not empty, GC1215 damaged, GC1216 made by a newer version.
 */
export async function importDatabase(
  connection: Pick<DatabaseConnection, 'client_config'>,
  source: Readable,
  options: ImportOptions,
): Promise<TransferCounts> {
  const client = new pg.Client({ ...connection.client_config, application_name: 'groundcrew import' });
  client.on('error', () => undefined);
  await client.connect();
  const stored: string[] = [];
  try {
    await client.query('begin');
    const counts = await new Importer(client, options, stored).run(readFrames(source));
    await client.query('commit');
    stored.length = 0;
    await migrate(connection);
    return counts;
  } catch (error) {
    // Ending the session rolls back, whatever state it is in; objects that nothing names any more go by themselves.
    for (const key of stored) await options.objects?.remove(key).catch(() => undefined);
    throw importError(error);
  } finally {
    await client.end();
    source.destroy();
  }
}

/** Data of a table or an object follows in frames of their own, up to its end. */
class Importer {
  readonly #client: pg.Client;
  readonly #options: ImportOptions;
  readonly #stored: string[];
  readonly #counts: TransferCounts = { tables: 0, rows: 0, objects: 0 };
  #ready = false;

  constructor(client: pg.Client, options: ImportOptions, stored: string[]) {
    this.#client = client;
    this.#options = options;
    this.#stored = stored;
  }

  async run(frames: AsyncGenerator<Frame>): Promise<TransferCounts> {
    for (let next = await frames.next(); !next.done; next = await frames.next()) {
      const { kind, payload } = next.value;
      if (kind === 'H' && !this.#ready) await this.#begin(parseJson<ExportHeader>(payload));
      else if (!this.#ready) throw new DamagedExport('its header is missing.');
      else if (kind === 'T') await this.#table(parseJson<TableShape>(payload), frames);
      else if (kind === 'S') await this.#sequences(parseJson<SequenceValue[]>(payload));
      else if (kind === 'B') await this.#object(parseJson<{ key: string }>(payload).key, frames);
      else throw new DamagedExport(`a frame "${kind}" is in the wrong place.`);
    }
    if (!this.#ready) throw new DamagedExport('its header is missing.');
    if (this.#options.take_over !== true) await this.#becomeAnother();
    await switchTriggers(this.#client, 'enable');
    return this.#counts;
  }

  async #begin(header: ExportHeader): Promise<void> {
    await clearEmptySchema(this.#client);
    await makeSchema(this.#client, header);
    await switchTriggers(this.#client, 'disable');
    this.#ready = true;
  }

  async #table(table: TableShape, frames: AsyncGenerator<Frame>): Promise<void> {
    const known = (await listTables(this.#client)).find(({ name }) => name === table.name);
    if (known === undefined || !table.columns.every((column) => known.columns.includes(column))) {
      throw new DamagedExport(`its table ${table.name} is not the one of this schema.`);
    }
    const end: { value?: EndFrame } = {};
    const copy = this.#client.query(copyStreams.from(`copy ${copyTarget(this.#client, table)} from stdin`));
    await pipeline(dataUntilEnd(frames, end), copy);
    if (copy.rowCount !== end.value?.rows) throw new DamagedExport(`its table ${table.name} lacks rows.`);
    this.#counts.tables += 1;
    this.#counts.rows += copy.rowCount;
  }

  async #sequences(values: readonly SequenceValue[]): Promise<void> {
    for (const { table, column, last_value, is_called } of values) {
      await this.#client.query('select setval(pg_get_serial_sequence(quote_ident($1), $2)::regclass, $3::bigint, $4)', [
        ...[table, column, last_value, is_called],
      ]);
    }
  }

  async #object(key: string, frames: AsyncGenerator<Frame>): Promise<void> {
    const { objects } = this.#options;
    if (objects === undefined) throw new DamagedExport('it holds objects, and there is no object store to put them.');
    const end: { value?: EndFrame } = {};
    this.#stored.push(key);
    const result = await objects.put(key, Readable.from(dataUntilEnd(frames, end)));
    if (result.sha256.toString('hex') !== end.value?.sha256) throw new DamagedExport(`its object ${key} is damaged.`);
    this.#counts.objects += 1;
  }

  async #becomeAnother(): Promise<void> {
    await this.#options.leave_nodes?.(this.#client);
    await this.#client.query('update deployment set id = $1, observing = true, created_at = groundcrew_now()', [
      randomName(this.#options.random, 12),
    ]);
  }
}

async function* dataUntilEnd(frames: AsyncGenerator<Frame>, end: { value?: EndFrame }): AsyncGenerator<Buffer> {
  for (;;) {
    const next = await frames.next();
    const kind: FrameKind | undefined = next.done ? undefined : next.value.kind;
    if (kind === 'D') yield (next.value as Frame).payload;
    else if (kind === 'E') {
      end.value = parseJson<EndFrame>((next.value as Frame).payload);
      return;
    } else throw new DamagedExport('data in it has no end.');
  }
}

/** Data exceptions and broken constraints: the file says what this schema does not allow. */
const REFUSED_DATA = /^2[23]/;

function importError(error: unknown): unknown {
  if (error instanceof GroundcrewError) return error;
  if (error instanceof DamagedExport) return new GroundcrewError('GC1215', { detail: error.message }, error);
  if (REFUSED_DATA.test(errorCode(error) ?? '')) {
    return new GroundcrewError('GC1215', { detail: `PostgreSQL refuses its data: ${messageOf(error)}.` }, error);
  }
  return translateDatabaseError(error);
}
