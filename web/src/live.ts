import { signal } from '@preact/signals';
import { after } from './clock.ts';

const CHANNELS = ['fleet', 'node', 'run', 'build', 'request', 'queue'] as const;
export type Channel = (typeof CHANNELS)[number];
/** What changed: empty `ids` stand for anything of that kind, `all` for anything at all. */
type OnChange = (channel: Channel | 'all', ids: readonly string[]) => void;

const AGAIN_MS = 3000;

/** Is the stream of changes open? True before the first try, so that nothing flickers at the start. */
export const connected = signal(true);

const subscribers = new Set<OnChange>();
let source: EventSource | null = null;
let stopAgain = (): void => undefined;

/** Tells what changed; `all` after a gap in which changes may have been missed. The answer ends it. */
export function onChange(callback: OnChange): () => void {
  subscribers.add(callback);
  return () => subscribers.delete(callback);
}

/**
 * Keeps the stream open while the page is looked at. A hidden page closes it: browsers allow six connections to a
 * server for all their tabs together, and a page that comes back reads everything again anyhow.
 */
export function listen(): () => void {
  const look = (): void => (document.hidden ? close() : open());
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    close();
  };
}

function close(): void {
  stopAgain();
  source?.close();
  source = null;
}

function open(): void {
  if (source !== null) return;
  const stream = new EventSource('/api/v1/events');
  source = stream;
  stream.addEventListener('hello', () => {
    connected.value = true;
    tell('all', []);
  });
  stream.addEventListener('error', () => {
    if (source !== stream) return;
    connected.value = false;
    // The browser tries again by itself, but not after an answer that was no stream.
    if (stream.readyState !== EventSource.CLOSED) return;
    source = null;
    stopAgain();
    stopAgain = after(AGAIN_MS, open);
  });
  for (const channel of CHANNELS) {
    stream.addEventListener(channel, (event) => {
      const ids = JSON.parse((event as MessageEvent<string>).data) as string[];
      tell(channel, ids.includes('') ? [] : ids);
    });
  }
}

function tell(channel: Channel | 'all', ids: readonly string[]): void {
  for (const subscriber of [...subscribers]) subscriber(channel, ids);
}
