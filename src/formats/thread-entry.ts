import { parentPort } from 'node:worker_threads';
import { formatNamed } from './all.ts';
import { BatchCollector, transferOf } from './batch.ts';
import type { Parser } from './contract.ts';
import type { FromParser, ToParser } from './thread-messages.ts';

// The entry of the parser thread: bundled as a program of its own.
const port = parentPort;
if (port === null) throw new Error('this file is the entry of a worker thread');

let collector: BatchCollector | null = null;
let parser: Parser | null = null;

function handedOver(message: FromParser): ArrayBuffer[] {
  if (message.type === 'batch') return transferOf(message.batch);
  return message.type === 'taken' ? [message.memory] : [];
}

function answer(message: FromParser): void {
  port?.postMessage(message, handedOver(message));
}

port.on('message', (message: ToParser) => {
  if (message.type === 'begin') {
    const batches = new BatchCollector((batch) => answer({ type: 'batch', batch }));
    collector = batches;
    parser = formatNamed(message.format).parser(batches, message.limits);
  } else if (message.type === 'bytes') {
    parser?.write(message.bytes);
    answer({ type: 'taken', stopped: parser?.stopped ?? true, memory: message.bytes.buffer });
  } else if (parser !== null) {
    const report = parser.end();
    collector?.flush();
    answer({ type: 'report', report });
  }
});
