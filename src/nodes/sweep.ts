import type { Amount } from '../base/amount.ts';
import { messageOf } from '../base/errors/error.ts';
import { faultOf } from '../base/faults.ts';
import type { Resource } from '../providers/contract.ts';
import type { DriveContext } from './effects.ts';
import { planSweep, type SweepPlan } from './plan/sweep.ts';
import { callProvider } from './provider-call.ts';

/** How long a provider that cannot be listed gets no new nodes. */
const BROKEN_PAUSE_MS = 10_000;

/**
 * One look at a provider: a single list call. Keeps what it found for planning, and destroys leaks that are ripe. Null:
 * the provider failed, which is noted too.
 */
export async function lookAtProvider(context: DriveContext, observing: boolean): Promise<SweepPlan | null> {
  const { rows, provider } = context;
  let resources: Resource[];
  let limits: Amount;
  try {
    resources = await callProvider(context, provider.name, 'list', (call) => collect(provider.list(call)));
    limits = await callProvider(context, provider.name, 'limits', (call) => provider.limits(call));
  } catch (error) {
    const message = `${provider.name} cannot be listed: ${messageOf(error)}`;
    await rows.recordProviderFault(provider.name, { fault: faultOf(error), message, pause_ms: BROKEN_PAUSE_MS });
    context.log.warn({ provider: provider.name, error: messageOf(error) }, 'a provider cannot be listed');
    return null;
  }
  const plan = planSweep({
    now_ms: await rows.now_ms(),
    deployment_id: context.deployment_id,
    observing,
    provider: provider.name,
    resources,
    // After the listing: a machine that was listed is never older than its row here.
    rows: await rows.sweepRows(provider.name),
    known: await rows.knownLeaks(provider.name),
  });
  await keepFindings(context, plan, limits);
  for (const leak of plan.destroy) await destroyLeak(context, leak.resource);
  return plan;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

async function keepFindings(context: DriveContext, plan: SweepPlan, limits: Amount): Promise<void> {
  const { rows, provider } = context;
  for (const { resource, reason } of plan.leaks) {
    const { external_id, kind, node_id } = resource;
    await rows.noteLeak({ provider: provider.name, external_id, kind, node_id, reason });
  }
  await rows.forgetLeaks(provider.name, plan.forget);
  await rows.noteStopped(plan);
  await rows.recordListing(provider.name, { ...plan.counts, ...plan.takes, limits, alarm: plan.alarm });
}

async function destroyLeak(context: DriveContext, resource: Resource): Promise<void> {
  const { rows, provider } = context;
  const { kind, external_id, node_id } = resource;
  if (node_id === null) return;
  const leak = { kind, external_id, node_id };
  const claimed = await rows.claimLeak(leak, context.lease, provider.name);
  if (claimed === null) return;
  const ref = { ...leak, deployment_id: context.deployment_id };
  try {
    const progress = await callProvider(context, provider.name, 'destroy', (call) =>
      provider.destroy(ref, claimed.step ?? undefined, call),
    );
    if (!progress.done) return await rows.recordLeakStep(provider.name, leak, progress.step);
    await rows.leakDestroyed(provider.name, leak);
    context.log.warn({ provider: provider.name, kind, external_id, node_id }, 'a leak was destroyed');
  } catch (error) {
    context.log.warn(
      { provider: provider.name, external_id, error: messageOf(error) },
      'a leak could not be destroyed',
    );
  }
}
