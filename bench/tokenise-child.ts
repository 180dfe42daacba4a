import { createReadStream } from 'node:fs';
import { SaxesParser } from 'saxes';
import { systemClock } from '../src/base/clock.ts';

// The floor of an ingest: the bare tokeniser over the file, from its first byte to its last, in a process of its own.
const [file = ''] = process.argv.slice(2);
const parser = new SaxesParser();
let tests = 0;
parser.on('opentag', ({ name }) => {
  if (name === 'testcase') tests++;
});
const started_ms = systemClock.monotonic_ms();
const decoder = new TextDecoder();
for await (const bytes of createReadStream(file, { highWaterMark: 128 * 1024 })) {
  parser.write(decoder.decode(bytes as Uint8Array, { stream: true }));
}
parser.write(decoder.decode());
parser.close();
process.stdout.write(JSON.stringify({ tests, duration_ms: systemClock.monotonic_ms() - started_ms }));
