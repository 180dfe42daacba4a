import { useRef, useState } from 'preact/hooks';
import { troubleOf } from './api.ts';
import { type Loaded, useData, type Watched } from './use-data.ts';

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

export interface Pages<Item> extends Loaded<Item[]> {
  /** There is more to read. */
  more: boolean;
  /** Reads the next part, once however often it is called meanwhile. */
  readMore(): void;
}

type Read<Item> = (page: { cursor: string | undefined; limit: number }) => Promise<Page<Item>>;

/** Read at first, and the most that the server gives at once. */
const FIRST = 100;
const LARGEST = 500;

/**
 * A long list, read in parts as far as somebody looked, and all of that again when something changed. The list is
 * exchanged as a whole then, so that it never shows a row twice.
 */
export function usePages<Item>(key: string, read: Read<Item>, watched: Watched): Pages<Item> {
  const target = useRef({ key, count: FIRST });
  if (target.current.key !== key) target.current = { key, count: FIRST };
  const loaded = useData<Page<Item>>(key, () => readUpTo(read, () => target.current.count), watched);
  const [extra, setExtra] = useState<{ base: Page<Item> | null; page: Page<Item> }>({
    base: null,
    page: { items: [], next_cursor: null },
  });
  const busy = useRef(false);
  const base = useRef(loaded.data);
  base.current = loaded.data;
  const page = extra.base !== null && extra.base === loaded.data ? extra.page : loaded.data;
  const readMore = async (): Promise<void> => {
    const cursor = page?.next_cursor ?? null;
    if (busy.current || page === null || cursor === null) return;
    busy.current = true;
    try {
      const next = await read({ cursor, limit: LARGEST });
      const items = [...page.items, ...next.items];
      target.current.count = Math.max(target.current.count, items.length);
      // The list may have been read again meanwhile, without this part.
      if (base.current !== loaded.data) loaded.reload();
      else setExtra({ base: loaded.data, page: { items, next_cursor: next.next_cursor } });
    } catch (error) {
      // The whole list is read again before long, and then says what is wrong.
      troubleOf(error);
    } finally {
      busy.current = false;
    }
  };
  return {
    data: page?.items ?? null,
    trouble: loaded.trouble,
    reload: loaded.reload,
    more: page !== null && page.next_cursor !== null,
    readMore: () => void readMore(),
  };
}

async function readUpTo<Item>(read: Read<Item>, count: () => number): Promise<Page<Item>> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await read({ cursor, limit: Math.min(LARGEST, count() - items.length) });
    items.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && items.length < count());
  return { items, next_cursor: cursor ?? null };
}
