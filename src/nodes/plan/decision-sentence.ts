import { formatAmount, formatFigure } from '../../base/amount.ts';
import { formatRequestId, type RequestId } from '../../base/ids.ts';
import type { DecisionCode, Served, WantDecision } from './decision.ts';
import type { Considered } from './room.ts';

/** Places, nodes or requests beyond these are counted in the data, not named in the sentence. */
const NAMED_MOST = 3;

/** The decision for people: what serves the request, or what stands in its way. */
export function sentenceOf(code: DecisionCode, wants: readonly WantDecision[]): string {
  const missing = wants.find(({ served }) => served === null);
  if (missing === undefined) return `${joined(servings(wants))}.`;
  const kept = servings(wants.filter(({ served }) => served !== null));
  const because = whyMissing(code, missing);
  if (kept.length === 0) return sentence(because);
  return sentence(`${because}; what it has until then is kept: ${joined(kept)}`);
}

/** What serves it, the same once. */
function servings(wants: readonly WantDecision[]): string[] {
  const texts = new Map<string, number>();
  for (const { served } of wants) {
    if (served === null) continue;
    const text = servingText(served);
    texts.set(text, (texts.get(text) ?? 0) + 1);
  }
  return [...texts].map(([text, count]) => (count === 1 ? text : `${count} × ${text}`));
}

function servingText(served: Served): string {
  const { node_type, provider } = served;
  const node = `a node of ${node_type}`;
  switch (served.kind) {
    case 'ready':
      return `${served.node_id} is ready for it`;
    case 'coming':
      return `${served.node_id} is on its way for it`;
    case 'launch':
      return `${node} is launched for it at ${provider}`;
    case 'kept':
      return `${node} at ${provider}`;
    case 'evict':
      return `${node} is launched for it at ${provider} once ${gone(served.node_ids)}, idle until now, ${served.node_ids.length === 1 ? 'makes' : 'make'} room`;
    case 'room':
      return `${node} is launched for it at ${provider} once there is room${served.node_ids.length === 0 ? '' : `: ${gone(served.node_ids)} ${served.node_ids.length === 1 ? 'is' : 'are'} being deleted`}`;
  }
}

function whyMissing(code: DecisionCode, { expression, node_types, others }: WantDecision): string {
  const places = placesText(node_types);
  const what = places === '' ? `no node type satisfies ${expression}` : places;
  if (code !== 'behind_others' || others.length === 0) return what;
  const [first] = others;
  const node = first === undefined ? '' : `${first.node_id}, which ${first.coming ? 'is on its way' : 'is ready'}`;
  return `${node}, is for ${formatRequestId(first?.request_id as RequestId)}, which is before it; ${what}`;
}

/** The first places of which something is said; the same for all requests that wait for the same. */
function placesText(node_types: readonly Considered[]): string {
  let text = known.get(node_types);
  if (text === undefined) {
    const places: string[] = [];
    for (const each of node_types) {
      if (places.length < NAMED_MOST) places.push(...placeText(each));
    }
    text = places.join('; ');
    known.set(node_types, text);
  }
  return text;
}

const known = new WeakMap<readonly Considered[], string>();

/** What is said against a node type; nothing of one that would not do. */
function placeText({ provider, node_type, verdict }: Considered): string[] {
  const place = `${node_type} at ${provider}`;
  switch (verdict.kind) {
    case 'rejected':
    case 'open':
      return [];
    case 'paused':
      return [`${place} is paused: ${verdict.message}`];
    case 'too_large': {
      const { dimension, need, limit } = verdict;
      return [`${place} takes ${formatAmount(dimension, need)}, and the limit is ${formatAmount(dimension, limit)}`];
    }
    case 'full':
      return [`${verdict.of === 'provider' ? provider : place} is at its limit: ${useText(verdict)}`];
  }
}

/** `8 of 8 cores in use`, `4 of 6.5 cores in use, and big takes 4 cores`: of what is exhausted, and for whom it is kept. */
export function useText({ dimension, used, kept, limit, kept_for }: FullFigures): string {
  const whole = formatAmount(dimension, limit);
  const shown = Math.min(limit, used + (used >= limit ? 0 : kept));
  // The unit once where it is a word: `4 of 6.5 cores`, `1.0 GiB of 1.5 GiB`.
  const taken = dimension.endsWith('_bytes') ? formatAmount(dimension, shown) : formatFigure(shown);
  const requests = kept_for.slice(0, NAMED_MOST).map(formatRequestId);
  const more = kept_for.length > NAMED_MOST ? ['others'] : [];
  const before = kept_for.length === 1 ? 'which is before it' : 'which are before it';
  const kept_text = requests.length === 0 ? '' : ` or kept for ${joined([...requests, ...more])}, ${before}`;
  return `${taken} of ${whole} in use${kept_text}`;
}

/** What is exhausted of a limit. */
export interface FullFigures {
  readonly dimension: string;
  readonly used: number;
  readonly kept: number;
  readonly limit: number;
  readonly kept_for: readonly RequestId[];
}

function gone(node_ids: readonly string[]): string {
  const named = node_ids.slice(0, NAMED_MOST);
  return joined(node_ids.length > NAMED_MOST ? [...named, 'others'] : named);
}

/** `a`, `a and b`, `a, b and c`. */
function joined(texts: readonly string[]): string {
  if (texts.length < 2) return texts[0] ?? '';
  return `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
}

function sentence(text: string): string {
  return text.endsWith('.') || text.endsWith('?') ? text : `${text}.`;
}
