import type { Amount } from '../../base/amount.ts';
import { type FaultClass, ProviderFault } from '../../base/faults.ts';
import type { NodeId } from '../../base/ids.ts';
import type { Progress, ProviderContext, ResourceKind, ResourceRef, Step } from '../contract/calls.ts';
import type { Image } from '../contract/images.ts';
import type { Machine, NodeSpec, Provider, Resource } from '../contract.ts';
import { instantImages } from './instant-images.ts';

export type InstantCall = 'launch' | 'destroy' | 'list' | 'limits' | 'consoleLog' | 'images';

/** One line of the script of misfortunes. Lines are tried in order; the first that matches a call is used. */
export interface InstantFault {
  on: InstantCall;
  /** Only calls about this node. */
  node_id?: NodeId;
  /** `before`: nothing was done. `after`: it was done and the answer was lost. Default `before`. */
  when?: 'before' | 'after';
  fault: FaultClass;
  message?: string;
  /** How many matching calls it spoils; default 1. */
  times?: number;
}

export interface InstantMachine {
  kind: ResourceKind;
  external_id: string;
  deployment_id: string | null;
  node_id: NodeId | null;
  state: Resource['state'];
  /** Null for a machine that no launch of ours made. */
  spec: NodeSpec | null;
  takes: Amount;
}

/** A cloud in memory that outlives the provider objects that look at it, as a real one outlives our processes. */
export interface InstantCloud {
  /** And what else was put there by hand: volumes, addresses. */
  readonly machines: Map<string, InstantMachine>;
  readonly images: Map<string, Image>;
  /** The script: push lines to it at any time. */
  readonly faults: InstantFault[];
  /** How often each call was made. */
  readonly calls: Record<InstantCall, number>;
  /** Puts a machine there behind the provider's back; with null identities it is a stranger's. */
  addMachine(machine: {
    deployment_id: string | null;
    node_id: NodeId | null;
    kind?: ResourceKind;
    takes?: Amount;
  }): string;
}

export function createInstantCloud(): InstantCloud {
  const machines = new Map<string, InstantMachine>();
  let made = 0;
  return {
    machines,
    faults: [],
    calls: { launch: 0, destroy: 0, list: 0, limits: 0, consoleLog: 0, images: 0 },
    images: new Map(),
    addMachine({ deployment_id, node_id, kind = 'machine', takes = { nodes: 1 } }) {
      made += 1;
      const external_id = `instant-${made}`;
      machines.set(external_id, { kind, external_id, deployment_id, node_id, state: 'running', spec: null, takes });
      return external_id;
    },
  };
}

export interface InstantOptions {
  cloud?: InstantCloud;
  limits?: Amount;
  /** How many more calls a launch (and a destroy) takes before it is done; default 0: done at once. */
  steps?: number;
  /** Pause that the core is asked to make between those calls, in milliseconds; default 0. */
  poll_ms?: number;
  /** Called once for each new machine, for example to start an agent that is only a socket. */
  onLaunch?: (machine: InstantMachine & { spec: NodeSpec }) => void;
  /** Called with what each destroy is given. */
  onDestroyCall?: (ref: ResourceRef, step: Step | undefined) => void;
  /** Called once for each machine that goes away. */
  onDestroy?: (machine: InstantMachine) => void;
}

function strike(cloud: InstantCloud, on: InstantCall, when: 'before' | 'after', node_id?: NodeId): void {
  const index = cloud.faults.findIndex(
    (line) =>
      line.on === on && (line.when ?? 'before') === when && (line.node_id === undefined || line.node_id === node_id),
  );
  const line = cloud.faults[index];
  if (line === undefined) return;
  const left = (line.times ?? 1) - 1;
  if (left > 0) cloud.faults[index] = { ...line, times: left };
  else cloud.faults.splice(index, 1);
  throw new ProviderFault(line.fault, line.message ?? `The instant cloud was told to fail this ${on}.`);
}

function begin(cloud: InstantCloud, on: InstantCall, context: ProviderContext, node_id?: NodeId): void {
  if (context.signal.aborted) {
    throw new ProviderFault('transient', `The call ${on} was cancelled before it began.`, context.signal.reason);
  }
  cloud.calls[on] += 1;
  strike(cloud, on, 'before', node_id);
}

/** Calls that are left of this work; a step of other work is where it begins. */
function remaining(step: Step | undefined, work: 'launch' | 'destroy', steps: number): number {
  return step?.work === work && typeof step.remaining === 'number' ? step.remaining : steps;
}

function findOurs(cloud: InstantCloud, node_id: NodeId, deployment_id: string): InstantMachine[] {
  return [...cloud.machines.values()].filter(
    (machine) => machine.node_id === node_id && machine.deployment_id === deployment_id,
  );
}

/** Every figure among the options is a dimension: tests make up what they need. */
function amountOf(options: Readonly<Record<string, unknown>>): Amount {
  const figures = Object.entries(options).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return { nodes: 1, ...Object.fromEntries(figures) };
}

function launch(
  cloud: InstantCloud,
  options: InstantOptions,
  spec: NodeSpec,
  step: Step | undefined,
): Progress<Machine> {
  const id = `instant-${spec.deployment_id}-${spec.node_id}`;
  if (!cloud.machines.has(id)) {
    const { node_id, deployment_id } = spec;
    const takes = amountOf(spec.options);
    const kind = 'machine' as const;
    const machine = { kind, external_id: id, deployment_id, node_id, state: 'running' as const, spec, takes };
    cloud.machines.set(id, machine);
    options.onLaunch?.(machine);
  }
  strike(cloud, 'launch', 'after', spec.node_id);
  const left = remaining(step, 'launch', options.steps ?? 0);
  return left > 0
    ? { done: false, step: { work: 'launch', remaining: left - 1 }, poll_ms: options.poll_ms ?? 0 }
    : { done: true, value: { external_id: id, addresses: ['192.0.2.1'], host_keys: [`ssh-ed25519 ${id}`] } };
}

function destroy(
  cloud: InstantCloud,
  options: InstantOptions,
  ref: ResourceRef,
  step: Step | undefined,
): Progress<null> {
  options.onDestroyCall?.(ref, step);
  const left = remaining(step, 'destroy', options.steps ?? 0);
  const machines = findOurs(cloud, ref.node_id, ref.deployment_id).filter(
    (machine) => ref.external_id === null || (ref.external_id === machine.external_id && ref.kind === machine.kind),
  );
  if (left > 0 && machines.length > 0) {
    return { done: false, step: { work: 'destroy', remaining: left - 1 }, poll_ms: options.poll_ms ?? 0 };
  }
  for (const machine of machines) {
    cloud.machines.delete(machine.external_id);
    options.onDestroy?.(machine);
  }
  strike(cloud, 'destroy', 'after', ref.node_id);
  return { done: true, value: null };
}

/**
 * A provider whose machines are entries of a map: for tests and benches of everything above it. It keeps the same
 * contract as a real one and passes the same suite; misfortunes are scripted in `cloud.faults`.
 */
export function createInstantProvider(name: string, options: InstantOptions = {}): Provider {
  const cloud = options.cloud ?? createInstantCloud();
  return {
    name,
    can: { images: true, console_log: true, stop: false },
    reach: 'socket',
    images: instantImages(cloud, (context) => begin(cloud, 'images', context)),
    amount: amountOf,
    async launch(spec, step, context): Promise<Progress<Machine>> {
      begin(cloud, 'launch', context, spec.node_id);
      return launch(cloud, options, spec, step);
    },
    async destroy(ref, step, context): Promise<Progress<null>> {
      begin(cloud, 'destroy', context, ref.node_id);
      return destroy(cloud, options, ref, step);
    },
    async *list(context) {
      begin(cloud, 'list', context);
      for (const { kind, external_id, deployment_id, node_id, state, takes } of [...cloud.machines.values()]) {
        yield { kind, external_id, deployment_id, node_id, state, takes };
      }
    },
    async limits(context) {
      begin(cloud, 'limits', context);
      return options.limits ?? {};
    },
    async consoleLog(ref, context) {
      begin(cloud, 'consoleLog', context, ref.node_id);
      if (findOurs(cloud, ref.node_id, ref.deployment_id).length === 0) {
        throw new ProviderFault('gone', `There is no machine for node ${ref.node_id} at ${name}.`);
      }
      return `node ${ref.node_id} started\n`;
    },
  };
}
