import { isDeepStrictEqual } from 'node:util';
import { dimensionsOf, formatAmount } from '../../base/amount.ts';
import type { NodeId } from '../../base/ids.ts';
import {
  type FleetSnapshot,
  type NodeSnapshot,
  type PoolSnapshot,
  type ProviderSnapshot,
  poolKey,
} from '../snapshot.ts';
import { COMING_STATES } from '../state.ts';
import { type FleetAction, retire } from './actions.ts';

/**
 * A node of a provider that this process cannot use may still be launched by another process that can, within seconds.
 * After this time it is given up, and who waits for it is served elsewhere.
 */
const UNUSABLE_PLANNED_MOST_MS = 30_000;

/**
 * Nodes whose provider, node type or recipe is no longer configured, or of which there shall be none (a limit of 0).
 * Only those that nobody uses: a run on a node of an old recipe ends first, and the node is used once.
 */
export function planDrains(snapshot: FleetSnapshot, retired: ReadonlySet<NodeId>): FleetAction[] {
  const pools = new Map(snapshot.pools.map((pool) => [poolKey(pool), pool]));
  const actions: FleetAction[] = [];
  for (const node of snapshot.nodes) {
    if (retired.has(node.id) || !isIdle(node)) continue;
    const reason = whyDrained(snapshot, node, pools.get(poolKey(node)));
    if (reason !== null) actions.push(retire(node, 'drained', reason));
  }
  return actions;
}

function isIdle(node: NodeSnapshot): boolean {
  return node.state === 'ready' || COMING_STATES.includes(node.state);
}

function whyDrained(snapshot: FleetSnapshot, node: NodeSnapshot, pool: PoolSnapshot | undefined): string | null {
  const provider = snapshot.providers.get(node.provider);
  if (provider === undefined) return `the provider ${node.provider} is no longer configured`;
  if (provider.unusable !== null && (provider.unusable.drains || isStuck(snapshot, node))) {
    return provider.unusable.message;
  }
  if (pool === undefined) return `the node type ${node.node_type} of ${node.provider} is no longer configured`;
  if (!sameLabels(node.labels, pool.labels)) return `the labels of ${node.node_type} changed`;
  if (!isDeepStrictEqual(node.options, pool.options)) return `the options of ${node.node_type} changed`;
  return whyNoneAtAll(node, provider, pool);
}

function isStuck({ now_ms }: FleetSnapshot, { state, state_since_ms }: NodeSnapshot): boolean {
  return state === 'planned' && now_ms - state_since_ms > UNUSABLE_PLANNED_MOST_MS;
}

function whyNoneAtAll(node: NodeSnapshot, provider: ProviderSnapshot, pool: PoolSnapshot): string | null {
  for (const dimension of dimensionsOf(provider.limits)) {
    if (provider.limits[dimension] !== 0 || !((node.takes[dimension] ?? 0) > 0)) continue;
    const none = dimension === 'memory_bytes' ? 'no memory' : formatAmount(dimension, 0);
    return `the limit of ${node.provider} is ${none}`;
  }
  if (pool.limit === 0) return `the limit of ${node.node_type} at ${node.provider} is 0 nodes`;
  return null;
}

function sameLabels(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false;
  return left.every((label, index) => label === right[index] || right.includes(label));
}
