import type { TSchema } from 'typebox';
import { GroundcrewError } from '../base/errors/error.ts';
import type { WorkItemId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Tx } from '../store/schema/database.ts';

/** Lanes scale apart: each server process drains the ones that it is told to. */
export const LANES = ['fetch', 'ingest', 'postprocess', 'notify'] as const;
export type Lane = (typeof LANES)[number];

/** Renewed every third of it; what a dead worker held is free after it. Longer than any pause of a healthy process. */
export const LEASE_MS = 12_000;
/** How often workers look for due and for lapsed items, beside being woken. */
export const POLL_MS = 1_000;
/** Leases may lapse so often without a new checkpoint: then the item itself is what kills its workers. */
export const MOST_LAPSES = 10;

/** What is to be done. */
export interface NewItem {
  readonly lane: Lane;
  /** Names its handler. */
  readonly kind: string;
  /** One live item a (kind, key): a second one is the same work, and changes nothing. */
  readonly key: string;
  readonly payload: object;
  /** Not before this, counted from now by the database. Default 0. */
  readonly delay_ms?: number;
}

/** The right to finish one item, until somebody else claims it. */
export interface Claim {
  readonly id: WorkItemId;
  readonly fence: number;
}

/** An item in the hands of a worker. */
export interface ClaimedItem extends Claim {
  readonly lane: Lane;
  readonly kind: string;
  readonly key: string;
  readonly payload: Record<string, unknown>;
  /** What the last attempt kept; null at the start. */
  readonly checkpoint: Record<string, unknown> | null;
  readonly failures: number;
  readonly interruptions: number;
}

export interface HandlerContext {
  /** Aborted when the worker drains, when the lease is lost (GC1217), and when the handler took too long. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Keeps progress, in the transaction that made it. Error: GC1217 when the item was taken over; let it roll back. */
  checkpoint(tx: Tx, data: object): Promise<void>;
  /**
   * Ends the item: its effect and its completion in one transaction, or neither. Answers what the effect does. Error: GC1217 when it was taken over.
   * A handler that returns without it has completed without a last effect.
   */
  complete<T>(effect: (tx: Tx) => Promise<T>): Promise<T>;
}

/** How a kind is tried again: half of each delay is by chance. */
export interface RetryPolicy {
  /** A handler that threw so often is not tried again by itself; the item is dead. */
  readonly most_failures: number;
  /** The delay after the first failure; four times longer each, up to `longest_delay_ms`. */
  readonly first_delay_ms: number;
  readonly longest_delay_ms: number;
}

/** With delays up to five minutes that is half an hour: an outage of the object store must not bury what waits for it. */
export const USUAL_RETRY: RetryPolicy = { most_failures: 10, first_delay_ms: 1_000, longest_delay_ms: 300_000 };
/** A handler that runs longer has failed, unless its kind says otherwise. */
export const USUAL_LONGEST_MS = 3_600_000;

/**
 * A kind of work: one exported value, which whoever enqueues and whoever works share. `Environment` is what its handler
 * is given to work with.
 */
export interface WorkKind<Payload extends object, Environment> {
  /** Stands in rows: never renamed. */
  readonly name: string;
  readonly lane: Lane;
  /** What its payload is. One that does not fit (GC1224) never will: its item is dead at once. */
  readonly payload: TSchema & { readonly static?: Payload };
  /** Default `USUAL_RETRY`. */
  readonly retry?: RetryPolicy;
  /** A handler that runs longer has failed. Default `USUAL_LONGEST_MS`. */
  readonly longest_ms?: number;
  /** It may run any number of times, in part or as a whole, and must come to the same. */
  work(environment: Environment, payload: Payload, context: HandlerContext): Promise<void>;
}

/** A kind in a process that works on it. */
export interface BoundKind {
  readonly name: string;
  readonly lane: Lane;
  readonly retry: RetryPolicy;
  readonly longest_ms: number;
  readonly handle: Handler;
}

/** Does the work of an item. It may run any number of times, in part or as a whole, and must come to the same. */
export type Handler = (item: ClaimedItem, context: HandlerContext) => Promise<void>;

/** GC1217: the claim is not good any more, and whatever was done under it must roll back. */
export function superseded(claims: readonly Claim[]): GroundcrewError<'GC1217'> {
  return new GroundcrewError('GC1217', { id: claims.map((claim) => claim.id).join(', ') });
}
