import { useEffect, useRef, useState } from 'preact/hooks';
import { type Trouble, troubleOf } from './api.ts';
import { after, now_ms } from './clock.ts';
import { type Channel, onChange } from './live.ts';

export interface Loaded<Data> {
  data: Data | null;
  trouble: Trouble | null;
  /** Reads again now. */
  reload(): void;
}

/** When to read again. */
export interface Watched {
  channels: readonly Channel[];
  /** Only when one of these changed; any when it is left out. */
  ids?: readonly string[];
  /** Without changes, as often as this; 30 s when it is left out. */
  refresh_ms?: number;
}

/** Changes that come close together are one reading. */
const SETTLE_MS = 250;
/** A slow answer is asked for less often: this many times as long as it took. */
const REST = 4;
const LONGEST_REST_MS = 10_000;
/** Without changes the page is read again as often as this, so that it never shows an old world for long. */
const REFRESH_MS = 30_000;
/** That an agent falls silent is no change that anybody tells. */
export const SILENCE_REFRESH_MS = 10_000;

/**
 * Reads what a page shows, again when something of it changes. What was read stays on the page while it is read again,
 * so that nothing jumps; an answer to an older question is dropped. Without a key nothing is read.
 */
export function useData<Data>(key: string | null, read: () => Promise<Data>, watched: Watched): Loaded<Data> {
  const [state, setState] = useState<{ key: string | null; data: Data | null; trouble: Trouble | null }>({
    key: null,
    data: null,
    trouble: null,
  });
  const again = useRef<() => void>(() => undefined);
  const reading = useRef(read);
  reading.current = read;
  const { channels, ids, refresh_ms = REFRESH_MS } = watched;
  useEffect(() => {
    if (key === null) return;
    const reader = keepReading(
      () => reading.current(),
      (data) => setState({ key, data, trouble: null }),
      (trouble) => setState((before) => ({ key, data: before.key === key ? before.data : null, trouble })),
      refresh_ms,
    );
    again.current = reader.now;
    const stopListening = onChange((channel, changed) => {
      if (channel !== 'all' && !channels.includes(channel)) return;
      if (ids === undefined || changed.length === 0 || changed.some((id) => ids.includes(id))) reader.soon();
    });
    return () => {
      stopListening();
      reader.stop();
    };
  }, [key, channels.join(), ids?.join(), refresh_ms]);
  const fits = state.key === key;
  return {
    data: fits ? state.data : null,
    trouble: fits ? state.trouble : null,
    reload: () => again.current(),
  };
}

interface Reader {
  now(): void;
  soon(): void;
  stop(): void;
}

/** One reading at a time; a change that comes while one is under way leads to another after it. */
function keepReading<Data>(
  read: () => Promise<Data>,
  onData: (data: Data) => void,
  onTrouble: (trouble: Trouble) => void,
  refresh_ms: number,
): Reader {
  let [stopped, busy, wanted] = [false, false, false];
  let rest_ms = SETTLE_MS;
  let stopTimer = (): void => undefined;
  const schedule = (delay_ms: number): void => {
    stopTimer();
    stopTimer = after(delay_ms, () => void load());
  };
  const load = async (): Promise<void> => {
    if (busy) {
      wanted = true;
      return;
    }
    [busy, wanted] = [true, false];
    const started_ms = now_ms();
    try {
      const data = await read();
      if (!stopped) onData(data);
    } catch (error) {
      const trouble = troubleOf(error);
      if (!stopped) onTrouble(trouble);
    }
    busy = false;
    rest_ms = Math.min(LONGEST_REST_MS, Math.max(SETTLE_MS, REST * (now_ms() - started_ms)));
    if (!stopped) schedule(wanted ? rest_ms : Math.max(rest_ms, refresh_ms));
  };
  void load();
  return {
    now: () => void load(),
    soon() {
      if (!busy && wanted) return;
      wanted = true;
      if (!busy) schedule(rest_ms);
    },
    stop() {
      stopped = true;
      stopTimer();
    },
  };
}
