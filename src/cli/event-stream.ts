import { EventSourceParserStream } from 'eventsource-parser/stream';
import { problemFrom } from '../protocol/client.ts';

export interface ServerEvent {
  event: string;
  data: string;
  id: string;
}

/** Of one event; ours are a hundredth of it. */
const MOST_CHARACTERS = 16 * 2 ** 20;

/** Server-sent events of one answer, until it ends or the signal is aborted. Errors: ApiProblem, the network's. */
export async function* readEvents(
  address: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent> {
  const response = await fetch(address, { headers: { ...headers, accept: 'text/event-stream' }, signal });
  if (!response.ok || response.body === null) throw await problemFrom(response);
  const events = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream({ maxBufferSize: MOST_CHARACTERS }));
  for await (const { event = 'message', data, id = '' } of events) yield { event, data, id };
}
