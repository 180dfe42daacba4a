import type { Amount, Tally } from '../../base/amount.ts';
import type { NodeId, RequestId } from '../../base/ids.ts';
import type { Rejection } from '../../labels/rejection.ts';
import type { PoolSnapshot, ProviderSnapshot } from '../snapshot.ts';

/** Can a node of a node type be launched now? What is said of it is what the plan went by. */
export type Verdict =
  /** It can; what it is compared with others by, the first that differs. */
  | { readonly kind: 'open'; readonly failing: boolean; readonly warm: number; readonly labels: number }
  | {
      readonly kind: 'paused';
      /** `quota`: the cloud refuses more. `probe`: one launch has to show whether it works again. */
      readonly cause: 'unconfigured' | 'unusable' | 'provider' | 'quota' | 'backoff' | 'probe';
      readonly message: string;
      readonly retry_at_ms: number | null;
    }
  | {
      readonly kind: 'full';
      /** Whose limit it is. */
      readonly of: 'node_type' | 'provider';
      /** What is exhausted: `used` of `limit`, where one more needs `need`. */
      readonly dimension: string;
      readonly used: number;
      readonly limit: number;
      readonly need: number;
      /** Beside what is used, for requests that wait for more of it. */
      readonly kept: number;
      /** The first requests for which this plan launches there or keeps room. */
      readonly kept_for: readonly RequestId[];
    }
  /** One node alone is more than its provider may have. */
  | { readonly kind: 'too_large'; readonly dimension: string; readonly need: number; readonly limit: number };

/** What the plan thought of one node type for one want. */
export interface Considered {
  readonly provider: string;
  readonly node_type: string;
  readonly verdict: Verdict | ({ readonly kind: 'rejected' } & Rejection);
}

/** A node type while planning. */
export interface PoolRoom {
  readonly pool: PoolSnapshot;
  readonly labels: ReadonlySet<string>;
  /** What one node of it takes of its provider. */
  readonly need: Amount;
  /** Its place in the configuration. */
  readonly position: number;
  /** Rows that are not deleted. */
  live: number;
  coming: number;
  /** Ready or coming. */
  warm: number;
  /** The first requests for which this plan launches it. */
  readonly kept_for: RequestId[];
  /** As long as nothing changes at its provider. */
  verdict: Verdict | null;
}

/** A provider while planning. */
export interface ProviderRoom {
  readonly provider: ProviderSnapshot;
  /** What its live nodes may take together. */
  readonly ceiling: Amount;
  /** The ceiling less what rows that are not deleted take. */
  readonly free: Tally;
  /** What is taken by those that are on their way out: it is free soon. */
  readonly leaving: Tally;
  /** Kept, of what is free and of what is leaving, for requests that wait for more of it. */
  readonly promised: Tally;
  /** The nodes that are on their way out. */
  readonly leaving_ids: NodeId[];
  /** The first requests for which this plan launches there, or keeps room. */
  readonly kept_for: RequestId[];
  readonly rooms: PoolRoom[];
}
