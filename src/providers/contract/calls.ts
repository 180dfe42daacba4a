import type { Clock } from '../../base/clock.ts';
import type { NodeId } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';

/**
 * JSON on the row of a node or of a leak, opaque to the core. A driver accepts every step that it ever wrote, and tells
 * those of a launch from those of a destroy: the last one of a launch is handed to the first call that destroys.
 */
export type Step = Readonly<Record<string, unknown>>;

export type ResourceKind = 'machine' | 'volume' | 'address' | 'port' | 'image';

/**
 * Enough to destroy it: the row may have been written before the machine's own identifier was known; then everything of
 * the node is meant. With an identifier it is that resource, and of a machine what was made for it alone: its twin, made
 * by a repeated create, may be in use.
 */
export interface ResourceRef {
  kind: ResourceKind;
  node_id: NodeId;
  deployment_id: string;
  /** That one alone; null: every resource that carries the node's identity. */
  external_id: string | null;
}

export type Progress<T> = { done: true; value: T } | { done: false; step: Step; poll_ms: number };

/** What a driver gets with each call. */
export interface ProviderContext {
  clock: Clock;
  random: Random;
  log: Log;
  signal: AbortSignal;
}
