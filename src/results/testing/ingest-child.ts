import { Readable } from 'node:stream';
import type { ProjectId, RunId } from '../../base/ids.ts';
import { openDatabase } from '../../store/connect.ts';
import { commitResults, prepareResults } from '../ingest.ts';

// Ingests generated results in a process that a test kills: prints `preparing`, `committing` and `done`.
const order: {
  address: { socket_directory: string; port: number; user: string; database: string };
  project_id: ProjectId;
  run_id: RunId;
  tests: number;
  edition: string;
} = JSON.parse(process.argv[2] ?? '');

function* cases(): Generator<string> {
  yield '<testsuite name="s">';
  for (let index = 0; index < order.tests; index++) {
    const failure = index % 100 === 0 ? `<failure message="m ${index}">trace ${index}</failure>` : '';
    yield `<testcase classname="suite ${index % 10}" name="test ${order.edition} ${index}">${failure}</testcase>`;
  }
  yield '</testsuite>';
}

const { db, close } = await openDatabase(order.address, { max_connections: 2 });
process.stdout.write('preparing\n');
const open = async (): Promise<Readable> => Readable.from(cases(), { objectMode: false });
const prepared = await prepareResults([{ path: 'junit.xml', size_bytes: null, format: null, open }], { db, ...order });
process.stdout.write('committing\n');
await db.transaction().execute((tx) => commitResults(tx, order.run_id, order.project_id, prepared));
process.stdout.write('done\n');
prepared.close();
await close();
