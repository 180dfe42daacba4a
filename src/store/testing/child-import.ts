import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { systemRandom } from '../../base/random.ts';
import { clientConfigFor, type DatabaseAddress } from '../address.ts';
import { importDatabase } from '../import.ts';

/** For tests that kill an import: `child-import.ts ADDRESS-AS-JSON FILE`; it says `most` and waits before the file's end. */
const [address_json = '{}', file = ''] = process.argv.slice(2);

async function* allButTheEnd(): AsyncGenerator<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(file)) chunks.push(chunk as Buffer);
  const whole = Buffer.concat(chunks);
  yield whole.subarray(0, whole.length - 20);
  process.stdout.write('most\n');
  process.stdin.resume();
  await new Promise(() => undefined);
}

const client_config = clientConfigFor(JSON.parse(address_json) as DatabaseAddress);
await importDatabase({ client_config }, Readable.from(allButTheEnd()), { random: systemRandom });
