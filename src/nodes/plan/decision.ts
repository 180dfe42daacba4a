import type { NodeId, RequestId } from '../../base/ids.ts';
import type { Considered } from './room.ts';

/** What the plan decided for a waiting request, and why, told once: nothing else works it out again. */
export interface Decision {
  readonly request_id: RequestId;
  readonly code: DecisionCode;
  /** For people. */
  readonly sentence: string;
  /** What it was decided by. */
  readonly data: DecisionData;
}

export interface DecisionData {
  /** One for each node that it wants, in its order. */
  readonly wants: readonly WantDecision[];
}

export type DecisionCode =
  /** All its nodes are ready, and are handed to it next. */
  | 'served_by_ready'
  /** All its nodes are ready or on their way. */
  | 'served_by_coming'
  /** What is missing is launched now. */
  | 'launching'
  /** Idle nodes go, so that what is missing can be launched. */
  | 'evicting'
  /** Room is on its way: nodes are being deleted. */
  | 'waiting_room'
  /** What would do, or the room for it, is for requests before it. */
  | 'behind_others'
  /** Every node type that would do is at a limit. */
  | 'limit_exhausted'
  /** The cloud has no more for us. */
  | 'quota_exhausted'
  /** Launches failed; the next try comes after a pause. */
  | 'backing_off'
  /** Launches failed; one has to show whether they work again. */
  | 'probing'
  /** The provider is paused, or is not configured. */
  | 'paused'
  /** No node type can ever do. */
  | 'impossible'
  /** This deployment touches nothing. */
  | 'observing';

export interface WantDecision {
  /** The label expression. */
  readonly expression: string;
  readonly served: Served | null;
  /** Every node type as it was judged when this was decided, in the order of the configuration. */
  readonly node_types: readonly Considered[];
  /** Where nothing serves it: the first nodes that would do, and whose they are. */
  readonly others: readonly Holder[];
}

/** By what a want is served, and what it waits for. */
export type Served =
  | {
      readonly kind: 'ready' | 'coming';
      readonly provider: string;
      readonly node_type: string;
      readonly node_id: NodeId;
    }
  | { readonly kind: 'launch'; readonly provider: string; readonly node_type: string }
  /** It is launched when these are gone: idle ones that are evicted for it, or nodes that are being deleted. */
  | {
      readonly kind: 'evict' | 'room';
      readonly provider: string;
      readonly node_type: string;
      readonly node_ids: readonly NodeId[];
    }
  /** It could be launched, and waits until everything that its request misses can be. */
  | { readonly kind: 'kept'; readonly provider: string; readonly node_type: string };

export interface Holder {
  readonly node_id: NodeId;
  /** On its way, not ready yet. */
  readonly coming: boolean;
  readonly request_id: RequestId;
}
