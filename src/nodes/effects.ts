import { Batcher } from '../base/batcher.ts';
import { messageOf } from '../base/errors/error.ts';
import { faultOf } from '../base/faults.ts';
import type { NodeId } from '../base/ids.ts';
import { randomSecret, secretHash } from '../base/random.ts';
import type { ResourceRef } from '../providers/contract/calls.ts';
import type { NodeSpec, Provider } from '../providers/contract.ts';
import { destroyDelay_ms, judgeLaunchFault } from './faults.ts';
import { CALL_TIMEOUT_MS, type CallEnvironment, callProvider } from './provider-call.ts';
import type { FleetRows } from './rows.ts';
import type { Claim, DestroyCall, DrivenNode, LaunchAnswer, LaunchCall, ProviderLease } from './store/drive.ts';

/** A claim outlives its call by this much, so that the next call never meets this one. */
const CLAIM_MARGIN_MS = 5_000;
const CONSOLE_BYTES_MOST = 64 * 2 ** 10;

/** What driving the nodes of one provider needs. */
export interface DriveContext extends CallEnvironment {
  rows: FleetRows;
  provider: Provider;
  lease: ProviderLease;
  deployment_id: string;
  /** Where agents of this provider's nodes reach the server. */
  server_url: string;
  /** One-use tokens of the launches that this process began; only their hashes are in rows. */
  tokens: Map<NodeId, string>;
  /** Rows are written for many nodes at a time. */
  batches: DriveBatches;
  /** Called when room became free, or a node failed: there may be something to plan. */
  wakePlanner(): void;
}

/** Claims and answers of calls that are made at about the same time: one statement and one commit for all of them. */
export interface DriveBatches {
  claimLaunch: Batcher<LaunchCall, Claim | null>;
  claimDestroy: Batcher<DestroyCall, Claim | null>;
  launched: Batcher<LaunchAnswer, boolean>;
  destroyed: Batcher<Claim, boolean>;
}

/** The batches of one owner, under its lease. */
export function driveBatches(rows: FleetRows, lease: ProviderLease): DriveBatches {
  return {
    claimLaunch: new Batcher((calls) => rows.claimLaunches(calls, lease)),
    claimDestroy: new Batcher((calls) => rows.claimDestroys(calls, lease)),
    launched: new Batcher((answers) => rows.recordLaunched(answers)),
    destroyed: new Batcher((claims) => rows.recordDestroyed(claims)),
  };
}

/**
 * Makes the one call that the node needs now: the claim is committed before the call and the answer is written under
 * it, so that a process that stalled in between, or was replaced, changes nothing. May be repeated after a crash at
 * any line: the driver finds the machine again by the node's name. Answers in how many milliseconds the node is due
 * again, null: not by this.
 */
export async function driveNode(context: DriveContext, node: DrivenNode): Promise<number | null> {
  return node.state === 'deleting' ? await driveDestroy(context, node) : await driveLaunch(context, node);
}

async function driveLaunch(context: DriveContext, node: DrivenNode): Promise<number | null> {
  const { rows, batches, provider, tokens } = context;
  // The agent of a node beyond `launching` has reported already: only the machine's name is still missing.
  const waits_for_agent = node.state === 'planned' || node.state === 'launching';
  const known = tokens.get(node.id);
  const token = known ?? randomSecret(context.random);
  const claim = await batches.claimLaunch.add({
    id: node.id,
    version: node.version,
    timeout_ms: CALL_TIMEOUT_MS.launch + CLAIM_MARGIN_MS,
    new_registration_hash: known === undefined && waits_for_agent ? secretHash(token) : null,
  });
  if (claim === null) return null;
  tokens.set(node.id, token);
  const spec: NodeSpec = {
    node_id: node.id,
    deployment_id: context.deployment_id,
    node_type: node.node_type,
    labels: node.labels,
    options: node.options,
    agent: { server_url: context.server_url, registration_token: token },
  };
  try {
    const progress = await callProvider(context, provider.name, 'launch', (call) =>
      provider.launch(spec, node.step ?? undefined, call),
    );
    if (!progress.done) {
      await rows.recordStep(claim, 'launch', progress);
      return progress.poll_ms;
    }
    tokens.delete(node.id);
    // Refused when another process claimed the node meanwhile: then it is that one's launch that counts.
    await batches.launched.add({ claim, machine: progress.value });
    return null;
  } catch (error) {
    return await launchFailed(context, node, claim, error);
  }
}

async function launchFailed(
  context: DriveContext,
  node: DrivenNode,
  claim: Claim,
  error: unknown,
): Promise<number | null> {
  const { rows, provider } = context;
  const fault = faultOf(error);
  const message = messageOf(error);
  context.log.warn({ node_id: node.id, provider: provider.name, fault, error: message }, 'a launch failed');
  const verdict = judgeLaunchFault(fault, node.attempts, context.random);
  if (verdict.kind === 'retry') {
    await rows.recordRetry(claim, { delay_ms: verdict.delay_ms, fault, counts: verdict.counts });
    return verdict.delay_ms;
  }
  const given_up = await rows.giveUpLaunch(claim, {
    ...{ provider: provider.name, node_type: node.node_type, fault, message },
    reason: `${provider.name} did not launch it: ${message}`,
    ...{ failed: verdict.failed, pause_ms: verdict.pause_ms },
  });
  if (given_up) {
    context.tokens.delete(node.id);
    context.wakePlanner();
    return 0;
  }
  // Not launching any more: its agent has reported, or it is on its way out. What the driver made is asked for again.
  const delay_ms = destroyDelay_ms(fault, node.attempts, context.random);
  await rows.recordRetry(claim, { delay_ms, fault, counts: true });
  return delay_ms;
}

async function driveDestroy(context: DriveContext, node: DrivenNode): Promise<number | null> {
  const { rows, batches, provider } = context;
  const timeout_ms = CALL_TIMEOUT_MS.destroy + CLAIM_MARGIN_MS;
  const claim = await batches.claimDestroy.add({ id: node.id, version: node.version, timeout_ms });
  if (claim === null) return null;
  context.tokens.delete(node.id);
  const ref: ResourceRef = {
    kind: 'machine',
    node_id: node.id,
    deployment_id: context.deployment_id,
    external_id: node.external_id,
  };
  if (!node.ready && !node.has_console && node.external_id !== null) await keepConsole(context, ref);
  try {
    const progress = await callProvider(context, provider.name, 'destroy', (call) =>
      provider.destroy(ref, node.step ?? undefined, call),
    );
    if (progress.done) return await destroyed(context, claim);
    await rows.recordStep(claim, 'destroy', progress);
    return progress.poll_ms;
  } catch (error) {
    const fault = faultOf(error);
    if (fault === 'gone') return await destroyed(context, claim);
    const delay_ms = destroyDelay_ms(fault, node.attempts, context.random);
    context.log.warn(
      { node_id: node.id, provider: provider.name, fault, error: messageOf(error) },
      'a deletion failed',
    );
    await rows.recordRetry(claim, { delay_ms, fault, counts: true });
    return delay_ms;
  }
}

async function destroyed(context: DriveContext, claim: Claim): Promise<null> {
  if (await context.batches.destroyed.add(claim)) context.wakePlanner();
  return null;
}

/** Evidence of a launch that failed; never in the way of the deletion. */
async function keepConsole(context: DriveContext, ref: ResourceRef): Promise<void> {
  const { provider } = context;
  if (!provider.can.console_log || provider.consoleLog === undefined) return;
  try {
    const text = await callProvider(context, provider.name, 'console', async (call) =>
      provider.consoleLog?.(ref, call),
    );
    if (text) await context.rows.saveConsole(ref.node_id, text.slice(-CONSOLE_BYTES_MOST).replaceAll('\u0000', ''));
  } catch (error) {
    context.log.info({ node_id: ref.node_id, error: messageOf(error) }, 'no console output could be read');
  }
}
