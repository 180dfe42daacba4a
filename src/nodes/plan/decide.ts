import type { Match } from '../../labels/matching.ts';
import type { Want } from '../../labels/want.ts';
import type { Demand, NodeSnapshot } from '../snapshot.ts';
import type { Decision, DecisionCode, Served, WantDecision } from './decision.ts';
import { sentenceOf } from './decision-sentence.ts';
import type { Holders } from './holders.ts';
import type { Considered } from './room.ts';
import type { Supply } from './supplier.ts';

/** What the plan found for one want, and what it thought of the node types before. */
export interface Look {
  want: Want;
  supply: Supply | null;
  node_types: readonly Considered[];
}

/** The decision for one request, from what the plan found for it. `complete`: nothing is missing. */
export function decide(
  match: Match<Demand, NodeSnapshot>,
  looks: readonly Look[],
  complete: boolean,
  holders: Holders,
): Decision {
  const { request_id } = match.demand;
  const wants = looks.map(({ want, supply, node_types }, index): WantDecision => {
    const node = match.nodes[index] ?? null;
    const served = node === null ? servedBy(supply, complete) : servedByNode(node);
    const { expression } = want;
    return { expression, served, node_types, others: served === null ? holders.of(want, request_id) : [] };
  });
  const missing = wants.find(({ served }) => served === null);
  const code = missing === undefined ? codeOfServed(match, wants) : codeOfMissing(missing);
  return { request_id, code, sentence: sentenceOf(code, wants), data: { wants } };
}

function servedByNode({ id, state, provider, node_type }: NodeSnapshot): Served {
  return { kind: state === 'ready' ? 'ready' : 'coming', provider, node_type, node_id: id };
}

function servedBy(supply: Supply | null, complete: boolean): Served | null {
  if (supply === null) return null;
  const { provider, node_type } = supply.room.pool;
  const place = { provider, node_type };
  if (!complete) return supply.kind === 'evict' ? null : { kind: 'kept', ...place };
  switch (supply.kind) {
    case 'launch':
      return { kind: 'launch', ...place };
    case 'evict':
      return { kind: 'evict', ...place, node_ids: supply.nodes.map((node) => node.id) };
    case 'room':
      return { kind: 'room', ...place, node_ids: supply.node_ids };
  }
}

function codeOfServed({ tier }: Match<Demand, NodeSnapshot>, wants: readonly WantDecision[]): DecisionCode {
  if (tier !== null) return tier === 0 ? 'served_by_ready' : 'served_by_coming';
  const kinds = new Set(wants.map(({ served }) => served?.kind));
  if (kinds.has('evict')) return 'evicting';
  return kinds.has('room') ? 'waiting_room' : 'launching';
}

/** What stands in the way of a want: what could be launched but for its room, else what could but for a pause. */
function codeOfMissing({ node_types, others }: WantDecision): DecisionCode {
  let code = codes.get(node_types);
  if (code === undefined) {
    code = codeOf(node_types);
    codes.set(node_types, code);
  }
  return others.length > 0 && (code === 'limit_exhausted' || code === 'impossible') ? 'behind_others' : code;
}

/** Thousands of requests that wait for the same share what was thought of the node types. */
const codes = new WeakMap<readonly Considered[], DecisionCode>();

function codeOf(node_types: readonly Considered[]): DecisionCode {
  let paused: DecisionCode | null = null;
  let full = false;
  for (const { verdict } of node_types) {
    if (verdict.kind === 'full') {
      if (verdict.kept_for.length > 0) return 'behind_others';
      full = true;
    } else if (verdict.kind === 'paused') paused ??= PAUSED[verdict.cause];
  }
  return full ? 'limit_exhausted' : (paused ?? 'impossible');
}

const PAUSED = {
  unconfigured: 'paused',
  unusable: 'paused',
  provider: 'paused',
  quota: 'quota_exhausted',
  backoff: 'backing_off',
  probe: 'probing',
} as const;
