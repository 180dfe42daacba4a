import { Readable } from 'node:stream';
import type { WorkKind } from '../../queue/contract.ts';
import { LogScanner } from '../../runs/log-scan.ts';
import { deleteLogChunks, logOfRun, setLogArchive } from '../../runs/store/log.ts';
import { uploadsOf } from '../artifacts/artifacts.ts';
import { removeParts } from '../artifacts/parts.ts';
import { RUN_PAYLOAD, type RunPayload } from '../run-payload.ts';
import type { Services } from '../services.ts';
import { readLog } from './run-log.ts';

/**
 * What cut uploads left is removed, and a finished run's chunks become one object, streamed, with its lines counted and its first
 * error found on the way. Then, in one transaction, the object takes the place of the chunks. Killed at any line it
 * starts anew and comes to the same object.
 */
export const ARCHIVE_LOG: WorkKind<RunPayload, Services> = {
  name: 'archive-log',
  lane: 'postprocess',
  payload: RUN_PAYLOAD,
  async work(services, { run_id }, context) {
    // The run is over: nobody will go on with an upload that was cut.
    await removeParts(services.blobs, uploadsOf(run_id));
    const log = await logOfRun(services.connection.db, run_id);
    if (log === null || log.blob !== null) return;
    const scanner = new LogScanner();
    const source = await readLog(services, run_id, { end: log.bytes });
    const blob = `logs/${run_id}`;
    await services.blobs.put(blob, Readable.from(scanned(source, scanner, context.signal), { objectMode: false }), {
      size_bytes: log.bytes,
    });
    const { bytes, lines, first_error_offset, first_error_line } = scanner.end();
    await context.complete(async (tx) => {
      const kept = await setLogArchive(tx, run_id, bytes, { blob, lines, first_error_offset, first_error_line });
      if (kept) await deleteLogChunks(tx, run_id);
    });
  },
};

async function* scanned(source: Readable, scanner: LogScanner, signal: AbortSignal): AsyncGenerator<Buffer> {
  for await (const piece of source) {
    signal.throwIfAborted();
    scanner.push(piece as Buffer);
    yield piece as Buffer;
  }
}
