import { createReadStream, statSync } from 'node:fs';
import { systemClock } from '../src/base/clock.ts';
import type { ProjectId, RunId } from '../src/base/ids.ts';
import { commitResults, prepareResults } from '../src/results/ingest.ts';
import { openDatabase } from '../src/store/connect.ts';

/** What the child is told, as JSON in its first argument. */
export interface IngestOrder {
  address: { socket_directory: string; port: number; user: string; database: string };
  file: string;
  project_id: ProjectId;
  run_id: RunId;
}

/** What it prints, as JSON. */
export interface IngestReport {
  tests: number;
  duration_ms: number;
  /** Of that, the transaction. */
  commit_ms: number;
  /** The most that the process held at any time. */
  rss_bytes: number;
}

// One ingest in a process of its own, so that its memory is its own.
const order: IngestOrder = JSON.parse(process.argv[2] ?? '');
const connection = await openDatabase(order.address, { max_connections: 2 });
const started_ms = systemClock.monotonic_ms();
const file = {
  path: order.file,
  size_bytes: statSync(order.file).size,
  format: null,
  open: async () => createReadStream(order.file),
};
const prepared = await prepareResults([file], { db: connection.db, project_id: order.project_id });
const prepared_ms = systemClock.monotonic_ms();
const counts = await connection.db
  .transaction()
  .execute((tx) => commitResults(tx, order.run_id, order.project_id, prepared));
const ended_ms = systemClock.monotonic_ms();
prepared.close();
await connection.close();
const report: IngestReport = {
  tests: counts.tests,
  duration_ms: ended_ms - started_ms,
  commit_ms: ended_ms - prepared_ms,
  rss_bytes: process.resourceUsage().maxRSS * 1024,
};
process.stdout.write(JSON.stringify(report));
