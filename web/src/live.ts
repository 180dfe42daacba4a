import { signal } from '@preact/signals';

type Channel = 'fleet' | 'node' | 'run' | 'build' | 'request';
type OnChange = (channel: Channel | 'all', ids: readonly string[]) => void;

/** Is the stream of changes open? */
export const connected = signal(false);

const subscribers = new Set<OnChange>();
let source: EventSource | null = null;

/** Tells what changed; `all` after a gap in which changes may have been missed. The answer ends it. */
export function onChange(callback: OnChange): () => void {
  subscribers.add(callback);
  open();
  return () => subscribers.delete(callback);
}

function open(): void {
  if (source !== null) return;
  source = new EventSource('/api/v1/events');
  source.addEventListener('hello', () => {
    const again = connected.peek() === false;
    connected.value = true;
    if (again) tell('all', []);
  });
  source.addEventListener('error', () => {
    connected.value = false;
  });
  for (const channel of ['fleet', 'node', 'run', 'build', 'request'] as const) {
    source.addEventListener(channel, (event) =>
      tell(channel, JSON.parse((event as MessageEvent<string>).data) as string[]),
    );
  }
}

function tell(channel: Channel | 'all', ids: readonly string[]): void {
  for (const subscriber of subscribers) subscriber(channel, ids);
}
