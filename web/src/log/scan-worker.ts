import { sleep } from '../clock.ts';
import { LogScanner, type ScanProgress } from './scanner.ts';

/** To the worker. */
export type ScanOrder =
  | { kind: 'start'; address: string }
  /** Bytes that came live, after the worker said how far it is. */
  | { kind: 'more'; bytes: Uint8Array }
  /** Nothing more comes. */
  | { kind: 'end' }
  | { kind: 'go on' };

/** From the worker. `read` is true once it has read what was there; `paused` when it waits for `go on`. */
export interface ScanWord {
  progress: ScanProgress;
  read: boolean;
  paused: boolean;
  total_bytes: number;
}

const READ_BYTES = 4 * 2 ** 20;
/** Nobody reads more than this without having been asked. */
const PAUSE_BYTES = 512 * 2 ** 20;
const AGAIN_MS = 2000;

const scanner = new LogScanner();
let total_bytes = 0;
let goOn: () => void = () => undefined;

function say(read: boolean, paused = false): void {
  const word: ScanWord = { progress: scanner.progress(), read, paused, total_bytes };
  postMessage(word);
}

async function readRange(address: string, offset: number): Promise<Uint8Array> {
  for (;;) {
    try {
      const response = await fetch(`${address}?offset=${offset}&limit=${READ_BYTES}`);
      if (response.ok) {
        total_bytes = Number(response.headers.get('x-log-bytes') ?? 0);
        return new Uint8Array(await response.arrayBuffer());
      }
      if (response.status < 500) return new Uint8Array();
    } catch {
      // The server is away: what was read so far stays, and it is asked again.
    }
    await sleep(AGAIN_MS);
  }
}

async function readAll(address: string): Promise<void> {
  let offset = 0;
  let pause_at = PAUSE_BYTES;
  for (;;) {
    const bytes = await readRange(address, offset);
    if (bytes.length === 0) break;
    scanner.push(bytes);
    offset += bytes.length;
    if (offset >= total_bytes) break;
    const paused = offset >= pause_at;
    say(false, paused);
    if (!paused) continue;
    pause_at += PAUSE_BYTES;
    await new Promise<void>((resolve) => {
      goOn = resolve;
    });
  }
  say(true);
}

addEventListener('message', (event: MessageEvent<ScanOrder>) => {
  const order = event.data;
  if (order.kind === 'start') void readAll(order.address);
  else if (order.kind === 'go on') goOn();
  else if (order.kind === 'end') {
    scanner.end();
    say(true);
  } else {
    scanner.push(order.bytes);
    total_bytes = Math.max(total_bytes, scanner.bytes);
    say(true);
  }
});
