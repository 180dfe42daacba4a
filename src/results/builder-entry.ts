import { parentPort, workerData } from 'node:worker_threads';
import { ResultsBuilder } from './builder.ts';
import type { BuilderFiles, FromBuilder, ToBuilder } from './builder-messages.ts';
import { transferOfChunk } from './chunk-builder.ts';
import { Spool } from './spool.ts';

// The entry of the builder thread: bundled as a program of its own.
const port = parentPort;
if (port === null) throw new Error('this file is the entry of a worker thread');

const files: BuilderFiles = workerData;
const builder = new ResultsBuilder({
  sorted: new Spool(undefined, { open: files.sorted, borrowed: true }),
  texts: new Spool(undefined, { open: files.texts, borrowed: true }),
  output: new Spool(undefined, { open: files.output, borrowed: true }),
});

async function answer(message: ToBuilder): Promise<FromBuilder> {
  if (message.type === 'add') {
    await builder.add(message.file, message.batch);
    return { type: 'added' };
  }
  const { spool: _, ...built } = await builder.finish();
  return { type: 'built', built };
}

// One after the other: a batch is whole before the next begins. What is thrown ends the thread, and with it the work.
let last: Promise<void> = Promise.resolve();
port.on('message', (message: ToBuilder) => {
  last = last.then(async () => {
    const reply = await answer(message);
    port.postMessage(reply, reply.type === 'built' ? reply.built.chunks.flatMap(transferOfChunk) : []);
  });
});
