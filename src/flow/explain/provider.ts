import { formatAmount } from '../../base/amount.ts';
import { formatDuration } from '../../base/units.ts';
import { satisfies, wantOf } from '../../labels/want.ts';
import type { Decision, Served } from '../../nodes/plan/decision.ts';
import { useText } from '../../nodes/plan/decision-sentence.ts';
import type { Considered, Verdict } from '../../nodes/plan/room.ts';
import type { FleetSnapshot, HoldSnapshot, NodeSnapshot, PoolSnapshot } from '../../nodes/snapshot.ts';
import { COMING_STATES } from '../../nodes/state.ts';
import { describeHeld, plural } from './explanation.ts';

/** What one provider can do for a waiting request. */
export interface ProviderAnswer {
  provider: string;
  kind: 'cannot' | 'paused' | 'full' | 'coming' | 'taken' | 'next' | 'spare';
  text: string;
}

type Answer = Omit<ProviderAnswer, 'provider'>;
type Full = Extract<Verdict, { kind: 'full' }>;

/** One answer for each provider, in the order of the configuration: what the planner decided, told provider by provider. */
export function askProviders(snapshot: FleetSnapshot, decision: Decision): ProviderAnswer[] {
  return [...snapshot.providers.keys()].map((provider) => {
    return { provider, ...new ProviderView(snapshot, decision, provider).answer() };
  });
}

/** The decision for a request as far as one provider is concerned. */
class ProviderView {
  private readonly snapshot: FleetSnapshot;
  private readonly decision: Decision;
  private readonly provider: string;
  /** What would do there, each node type as judged for the first want that it satisfies. */
  private readonly considered: Considered[];
  private readonly served: Served[];

  constructor(snapshot: FleetSnapshot, decision: Decision, provider: string) {
    this.snapshot = snapshot;
    this.decision = decision;
    this.provider = provider;
    const types = new Map<string, Considered>();
    for (const { node_types } of decision.data.wants) {
      for (const each of node_types) {
        if (each.provider !== provider || each.verdict.kind === 'rejected' || types.has(each.node_type)) continue;
        types.set(each.node_type, each);
      }
    }
    this.considered = [...types.values()];
    const all = decision.data.wants.flatMap(({ served }) => (served === null ? [] : [served]));
    this.served = all.filter((served) => served.provider === provider);
  }

  answer(): Answer {
    if (this.considered.length === 0) return { kind: 'cannot', text: this.cannot() };
    const nodes = this.nodesThatDo();
    const coming = nodes.filter((node) => COMING_STATES.includes(node.state));
    if (coming.length > 0) return this.describeComing(coming);
    const ready = nodes.filter((node) => node.state === 'ready');
    if (ready.length > 0) return this.describeReady(ready);
    return this.describeMaking();
  }

  private nodesThatDo(): NodeSnapshot[] {
    const wants = this.decision.data.wants.map(({ expression }) => wantOf(expression));
    return this.snapshot.nodes.filter((node) => {
      if (node.provider !== this.provider) return false;
      const labels = new Set(node.labels);
      return wants.some((want) => satisfies(want, labels));
    });
  }

  private cannot(): string {
    const types = this.snapshot.pools.filter((pool) => pool.provider === this.provider);
    const wanted = [...new Set(this.decision.data.wants.map((want) => want.expression))].join(' or ');
    if (types.length === 0) return 'cannot: it has no node types';
    return `cannot: no node type there satisfies ${wanted}`;
  }

  private describeComing(coming: readonly NodeSnapshot[]): Answer {
    const oldest = coming.reduce((first, node) => (node.created_at_ms < first.created_at_ms ? node : first));
    const since_ms = this.snapshot.now_ms - oldest.created_at_ms;
    const usual_ms = this.poolOf(oldest.node_type)?.launch_ms ?? null;
    const usual = usual_ms === null ? '' : `; usually ${formatDuration(usual_ms)}`;
    const text = `launching ${plural(coming.length, 'node')}, the first is ${oldest.state} since ${formatDuration(since_ms)}${usual}`;
    if (this.servesItself() || !this.isMissing()) return { kind: 'coming', text };
    return { kind: 'taken', text: `${text}; spoken for by requests before it` };
  }

  private describeReady(ready: readonly NodeSnapshot[]): Answer {
    const mine = this.served.filter(({ kind }) => kind === 'ready').length;
    if (mine > 0) return { kind: 'taken', text: `${plural(mine, 'ready node')}, for it` };
    return { kind: 'taken', text: `${plural(ready.length, 'ready node')}, spoken for by requests before it` };
  }

  private servesItself(): boolean {
    return this.served.some(({ kind }) => kind === 'coming');
  }

  /** Does it wait although nothing is on its way for a part of it? */
  private isMissing(): boolean {
    return this.decision.data.wants.some(({ served }) => served === null);
  }

  private describeMaking(): Answer {
    const made = this.served.find(({ kind }) => kind !== 'ready' && kind !== 'coming');
    if (made !== undefined) return this.describeMade(made);
    const open = this.considered.find(({ verdict }) => verdict.kind === 'open');
    if (open !== undefined)
      return { kind: 'spare', text: `has room for a node of ${open.node_type}, not needed for it` };
    for (const each of this.considered) {
      if (each.verdict.kind === 'full') return this.describeFull(each, each.verdict);
      if (each.verdict.kind === 'too_large') return { kind: 'cannot', text: `cannot: ${describeExcess(each)}` };
    }
    return this.describePause(this.considered[0] as Considered);
  }

  private describeMade(made: Served): Answer {
    if (made.kind === 'launch') {
      return { kind: 'next', text: `has room, a node of ${made.node_type} is launched next` };
    }
    if (made.kind === 'kept') {
      return { kind: 'full', text: `keeps room for a node of ${made.node_type} until it can have all` };
    }
    const full = this.considered.find(({ node_type }) => node_type === made.node_type);
    const told = full?.verdict.kind === 'full' ? this.describeFull(full, full.verdict).text : 'at its limit';
    if (made.kind === 'evict') {
      return { kind: 'next', text: `${told}; ${made.node_ids.join(', ')} makes room for it` };
    }
    return { kind: 'next', text: `${told}; that room is for it` };
  }

  private describePause({ node_type, verdict }: Considered): Answer {
    const pool = this.poolOf(node_type);
    const provider = this.snapshot.providers.get(this.provider);
    const retry_at_ms = Math.max(provider?.retry_at_ms ?? 0, pool?.retry_at_ms ?? 0);
    const wait_ms = Math.max(0, retry_at_ms - this.snapshot.now_ms);
    const next = wait_ms > 0 ? `; next try in ${formatDuration(wait_ms)}` : '';
    const message = verdict.kind === 'paused' ? verdict.message : '';
    return { kind: 'paused', text: `${pool === undefined ? 'paused' : stateOf(pool)}: ${message}${next}` };
  }

  private describeFull({ node_type }: Considered, verdict: Full): Answer {
    const atPool = verdict.of === 'node_type';
    const nodes = this.snapshot.nodes.filter(
      (node) => node.provider === this.provider && (!atPool || node.node_type === node_type),
    );
    const subject = atPool ? `${node_type} is at its limit` : 'at its limit';
    const { dimension, need, used, limit } = verdict;
    const more = dimension !== 'nodes' && used < limit;
    const wanting = more ? `, and ${node_type} takes ${formatAmount(dimension, need)}` : '';
    const leaving = nodes.filter((node) => node.state === 'deleting').length;
    const going = leaving === 0 ? '' : `; ${leaving} of them ${leaving === 1 ? 'is' : 'are'} being deleted`;
    const holds = holdsOf(this.snapshot, nodes);
    const first_ms = holds[0] === undefined ? null : Math.max(0, holds[0].expires_at_ms - this.snapshot.now_ms);
    const held = first_ms === null ? '' : ` (${describeHeld(holds.length, first_ms)}; groundcrew hold list)`;
    return { kind: 'full', text: `${subject}: ${useText(verdict)}${wanting}${held}${going}` };
  }

  private poolOf(node_type: string): PoolSnapshot | undefined {
    return this.snapshot.pools.find((pool) => pool.provider === this.provider && pool.node_type === node_type);
  }
}

function stateOf(pool: PoolSnapshot): string {
  if (pool.fault === 'quota' || pool.fault === 'capacity') return `paused, ${pool.fault}`;
  if (pool.failures > 1) return `broken, the last ${pool.failures} tries failed`;
  return 'paused';
}

/** Holds of these nodes, the one that ends first before the others. */
function holdsOf(snapshot: FleetSnapshot, nodes: readonly NodeSnapshot[]): HoldSnapshot[] {
  const held = new Set(nodes.filter((node) => node.state === 'held').map((node) => node.id));
  const holds = snapshot.holds.filter((hold) => held.has(hold.node_id));
  return holds.sort((left, right) => left.expires_at_ms - right.expires_at_ms);
}

/** One node alone is more than the limit. */
function describeExcess({ node_type, verdict }: Considered): string {
  if (verdict.kind !== 'too_large') return '';
  const limit = formatAmount(verdict.dimension, verdict.limit);
  if (verdict.dimension === 'nodes') return `its limit is ${limit}`;
  return `${node_type} takes ${formatAmount(verdict.dimension, verdict.need)}, its limit is ${limit}`;
}
