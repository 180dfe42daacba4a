import { backoff_ms } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import { describeCauses, isError } from '../base/errors/error.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Db } from '../store/schema/database.ts';
import type { BoundKind, ClaimedItem, HandlerContext, RetryPolicy } from './contract.ts';
import { checkpointItem, completeItems, failItem, handBackItems } from './store/items.ts';

/** How long to wait after this many failures: four times longer each, half of it by chance; null: no further try. */
export function retryDelay_ms(failures: number, random: Random, policy: RetryPolicy): number | null {
  if (failures >= policy.most_failures) return null;
  const { first_delay_ms, longest_delay_ms } = policy;
  return backoff_ms(random, failures, { first_ms: first_delay_ms, longest_ms: longest_delay_ms, factor: 4 });
}

/** Why a handler's signal was aborted. */
export class Draining extends Error {
  override readonly name = 'Draining';
  constructor() {
    super('the worker drains');
  }
}

export interface AttemptOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly kind: BoundKind;
}

/** One claimed item being handled. */
export interface Attempt {
  readonly item: ClaimedItem;
  /** Resolves when nothing more happens to it here, however it went. */
  readonly done: Promise<void>;
  /** Tells the handler to end; a `Draining` reason makes its failure a hand-back. */
  abort(reason: Error): void;
}

/** Runs the handler and settles the item: completed, failed, or handed back. */
export function startAttempt(item: ClaimedItem, options: AttemptOptions): Attempt {
  const controller = new AbortController();
  const log = options.log.child({ item: item.id, kind: item.kind, key: item.key });
  const done = settle(item, { ...options, log }, controller).catch((error: unknown) => {
    // Not even the failure could be written: the lease lapses, and another attempt begins.
    log.warn({ error: describeCauses(error) }, 'a work item could not be settled; its lease will lapse');
  });
  return { item, done, abort: (reason) => controller.abort(reason) };
}

async function settle(item: ClaimedItem, options: AttemptOptions, controller: AbortController): Promise<void> {
  const { db, log } = options;
  let completed = false;
  const context: HandlerContext = {
    signal: controller.signal,
    log,
    checkpoint: (tx, data) => checkpointItem(tx, item, data),
    async complete(effect) {
      const answer = await db.transaction().execute(async (tx) => {
        // First the row, which also keeps others off it, then the effect: without the claim none begins.
        await completeItems(tx, [item]);
        return await effect(tx);
      });
      completed = true;
      return answer;
    },
  };
  try {
    await limited(() => options.kind.handle(item, context), options, controller);
    if (!completed) await completeItems(db, [item]);
  } catch (error) {
    if (!completed) await settleFailure(item, options, { error, reason: controller.signal.reason });
  }
}

async function settleFailure(
  item: ClaimedItem,
  { db, random, log, kind }: AttemptOptions,
  { error, reason }: { error: unknown; reason: unknown },
): Promise<void> {
  if (isError(error, 'GC1217') || isError(reason, 'GC1217')) {
    log.warn({ error: describeCauses(error) }, 'a work item was taken over by another worker');
    return;
  }
  if (reason instanceof Draining) {
    await handBackItems(db, [item]);
    return;
  }
  // What does not fit its kind never will.
  const hopeless = isError(error, 'GC1224');
  const retry_in_ms = hopeless ? null : retryDelay_ms(item.failures + 1, random, kind.retry);
  log.warn({ error: describeCauses(error), retry_in_ms }, 'a work item failed');
  await failItem(db, item, { error: describeCauses(error), retry_in_ms });
}

/** A handler that does not end in time is told so, and counts as failed even when it does not listen. */
async function limited(
  work: () => Promise<void>,
  { clock, kind: { longest_ms } }: AttemptOptions,
  controller: AbortController,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = clock.after(longest_ms, () => {
      const error = new Error(`the handler did not end within ${longest_ms} ms`);
      controller.abort(error);
      reject(error);
    });
    work()
      .then(resolve, reject)
      .finally(() => timer.stop());
  });
}
