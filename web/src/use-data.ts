import { useEffect, useState } from 'preact/hooks';
import { type Trouble, troubleOf } from './api.ts';
import { after } from './clock.ts';
import { onChange } from './live.ts';

export interface Loaded<Data> {
  data: Data | null;
  trouble: Trouble | null;
  /** Reads again now. */
  reload(): void;
}

/** Changes that come close together are one reading. */
const SETTLE_MS = 250;
/** Without changes the page is read again as often as this, so that it never shows an old world for long. */
const REFRESH_MS = 30_000;

/**
 * Reads what a page shows, again when one of the channels tells of a change. What was read stays on the page while it
 * is read again, so that nothing jumps; an answer to an older question is dropped.
 */
export function useData<Data>(key: string, read: () => Promise<Data>, channels: readonly string[]): Loaded<Data> {
  const [state, setState] = useState<{ key: string; data: Data | null; trouble: Trouble | null }>({
    key,
    data: null,
    trouble: null,
  });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    let stopTimer = (): void => undefined;
    let waiting = false;
    const load = async (): Promise<void> => {
      waiting = false;
      try {
        const data = await read();
        if (current) setState({ key, data, trouble: null });
      } catch (error) {
        const trouble = troubleOf(error);
        if (current) setState((before) => ({ key, data: before.key === key ? before.data : null, trouble }));
      }
      if (current && !waiting) stopTimer = after(REFRESH_MS, load);
    };
    const soon = (): void => {
      if (waiting) return;
      waiting = true;
      stopTimer();
      stopTimer = after(SETTLE_MS, load);
    };
    void load();
    const stopListening = onChange((channel) => {
      if (channel === 'all' || channels.includes(channel)) soon();
    });
    return () => {
      current = false;
      stopTimer();
      stopListening();
    };
  }, [key, turn]);
  const fits = state.key === key;
  return { data: fits ? state.data : null, trouble: fits ? state.trouble : null, reload: () => setTurn(turn + 1) };
}
