import { expect } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { type FaultClass, ProviderFault } from '../../base/faults.ts';
import type { NodeId } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { randomName, systemRandom } from '../../base/random.ts';
import type { Progress, ProviderContext, ResourceRef, Step } from '../contract/calls.ts';
import type { Machine, NodeSpec, Provider, Resource } from '../contract.ts';

/** What a driver brings so that the suite can try it. Made anew for each test. */
export interface ContractSubject {
  /** A new provider object on the same machines, as a server makes after a restart. */
  provider(): Provider;
  /** The driver's own part of the node type. */
  options: Readonly<Record<string, unknown>>;
  /** Puts a machine there that another deployment owns; gives the identities that `list` shows. */
  addStranger(): Promise<{ external_id: string; node_id: NodeId | null; deployment_id: string | null }>;
  /** What is left of a node: processes, mounts, files, rows at the cloud. Empty when it is really gone. */
  remains(node_id: NodeId): Promise<string[]>;
  /** Removes everything, the strangers too. */
  close(): Promise<void>;
  /** Circumstances in which a launch must throw a fault of this class. */
  faults?: readonly { title: string; provider(): Provider; fault: FaultClass }[];
}

export const CONTRACT_DEPLOYMENT = 'deployment-contract';

/** A context without a deadline, for tests. */
export function testContext(signal: AbortSignal = new AbortController().signal): ProviderContext {
  return { clock: systemClock, random: systemRandom, log: silentLog, signal };
}

export function newNodeId(): NodeId {
  return `n-${randomName(systemRandom, 8)}` as NodeId;
}

export function testSpec(options: Readonly<Record<string, unknown>>, node_id: NodeId = newNodeId()): NodeSpec {
  return {
    node_id,
    deployment_id: CONTRACT_DEPLOYMENT,
    node_type: 'contract',
    labels: ['contract'],
    options,
    agent: { server_url: 'unix:/run/groundcrew/private/agent/socket', registration_token: `token-of-${node_id}` },
  };
}

export function refOf(spec: NodeSpec, machine?: Machine): ResourceRef {
  return {
    kind: 'machine',
    node_id: spec.node_id,
    deployment_id: spec.deployment_id,
    external_id: machine?.external_id ?? null,
  };
}

const MOST_STEPS = 1000;

/** Calls until done; gives the value and every step on the way. */
export async function drive<T>(
  call: (step: Step | undefined) => Promise<Progress<T>>,
  first?: Step,
): Promise<{ value: T; steps: Step[] }> {
  const steps: Step[] = [];
  let step = first;
  for (let count = 0; count < MOST_STEPS; count += 1) {
    const progress = await call(step);
    if (progress.done) return { value: progress.value, steps };
    // A step lives in a row: it must survive being JSON.
    step = JSON.parse(JSON.stringify(progress.step)) as Step;
    steps.push(step);
    await systemClock.sleep(progress.poll_ms);
  }
  throw new Error(`not done after ${MOST_STEPS} steps`);
}

export async function launchWhole(provider: Provider, spec: NodeSpec): Promise<{ value: Machine; steps: Step[] }> {
  return await drive((step) => provider.launch(spec, step, testContext()));
}

/** `from`: the step that a launch had reached, as the core hands it over. */
export async function destroyWhole(provider: Provider, ref: ResourceRef, from?: Step): Promise<Step[]> {
  return (await drive((step) => provider.destroy(ref, step, testContext()), from)).steps;
}

export async function listAll(provider: Provider): Promise<Resource[]> {
  const resources: Resource[] = [];
  for await (const resource of provider.list(testContext())) resources.push(resource);
  return resources;
}

export async function faultFrom(work: Promise<unknown>): Promise<ProviderFault> {
  const error = await work.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ProviderFault);
  return error as ProviderFault;
}

export type WithSubject = (work: (subject: ContractSubject) => Promise<void>) => () => Promise<void>;
