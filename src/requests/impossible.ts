import { isError } from '../base/errors/error.ts';
import { unknownLabelsHint } from '../labels/hint.ts';
import { expressionOf, matcherOf } from '../labels/matchers.ts';

/** What could serve a request at all: a configured node type and how many nodes it may have. */
export interface PossiblePool {
  provider: string;
  node_type: string;
  labels: ReadonlySet<string>;
  /** Null: not limited. */
  limit: number | null;
  provider_limit: number | null;
}

/** A request for what no node type of this configuration can serve waits so long for a configuration that can. */
export const REFUSE_AFTER_MS = 60_000;

/**
 * Why a waiting request is to be refused, or null. What can never be read is refused at once, what no node type can serve
 * only after a while: this server's configuration may be older than that of the server which took the request.
 */
export function whyRefused(
  request: { expressions: readonly string[]; waited_ms: number },
  pools: readonly PossiblePool[],
): string | null {
  for (const text of request.expressions) {
    const problem = whyMalformed(text);
    if (problem !== null) return problem;
  }
  return request.waited_ms > REFUSE_AFTER_MS ? whyImpossible(request.expressions, pools) : null;
}

function whyMalformed(text: string): string | null {
  try {
    expressionOf(text);
    return null;
  } catch (error) {
    if (!isError(error, 'GC1401')) throw error;
    return `its label expression is not valid: ${text}`;
  }
}

/** Why no configured node type can ever serve these expressions, or null when one could: waiting would never end. */
export function whyImpossible(expressions: readonly string[], pools: readonly PossiblePool[]): string | null {
  const possible = pools.filter((pool) => pool.limit !== 0 && pool.provider_limit !== 0);
  for (const text of expressions) {
    const problem = whyNoPool(text, possible, pools);
    if (problem !== null) return problem;
  }
  if (expressions.length === 1) return null;
  const matchers = [...new Set(expressions)].map(matcherOf);
  const most = mostNodes(possible.filter((pool) => matchers.some((matches) => matches(pool.labels))));
  if (most >= expressions.length) return null;
  return `it wants ${expressions.length} nodes at once, and at most ${most} can exist`;
}

function whyNoPool(text: string, possible: readonly PossiblePool[], all: readonly PossiblePool[]): string | null {
  const malformed = whyMalformed(text);
  if (malformed !== null) return malformed;
  const matches = matcherOf(text);
  if (possible.some((pool) => matches(pool.labels))) return null;
  const disabled = all.find((pool) => matches(pool.labels));
  if (disabled !== undefined) return `${disabled.provider} may have no nodes of ${disabled.node_type}: its limit is 0`;
  const hint = unknownLabelsHint(expressionOf(text), new Set(all.flatMap((pool) => [...pool.labels])));
  return hint ?? `no node type carries labels that satisfy ${text}`;
}

function mostNodes(pools: readonly PossiblePool[]): number {
  const byProvider = new Map<string, { sum: number; limit: number }>();
  for (const pool of pools) {
    const limit = pool.provider_limit ?? Number.POSITIVE_INFINITY;
    const known = byProvider.get(pool.provider) ?? { sum: 0, limit };
    known.sum += pool.limit ?? Number.POSITIVE_INFINITY;
    byProvider.set(pool.provider, known);
  }
  let most = 0;
  for (const { sum, limit } of byProvider.values()) most += Math.min(sum, limit);
  return most;
}
