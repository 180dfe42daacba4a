import { problemFrom } from '../protocol/client.ts';

export interface ServerEvent {
  event: string;
  data: string;
  id: string;
}

/** Server-sent events of one answer, until it ends or the signal is aborted. Errors: ApiProblem, the network's. */
export async function* readEvents(
  address: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent> {
  const response = await fetch(address, { headers: { ...headers, accept: 'text/event-stream' }, signal });
  if (!response.ok || response.body === null) throw await problemFrom(response);
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body) {
    rest += decoder.decode(chunk as Uint8Array, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event !== null) yield event;
    }
  }
}

/** One block of the event stream format (WHATWG HTML, 9.2.6); null for comments. */
function parseBlock(block: string): ServerEvent | null {
  const event: ServerEvent = { event: 'message', data: '', id: '' };
  let some = false;
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, '');
    const field = line.slice(0, colon);
    if (field === 'event' || field === 'id') event[field] = value;
    else if (field === 'data') {
      event.data += value;
      some = true;
    }
  }
  return some ? event : null;
}
