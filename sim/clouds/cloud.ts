import type { Amount } from '../../src/base/amount.ts';
import { abortReason, type Clock } from '../../src/base/clock.ts';
import { FAULT_CLASSES, ProviderFault } from '../../src/base/faults.ts';
import type { NodeId } from '../../src/base/ids.ts';
import type { Progress, ProviderContext, ResourceRef, Step } from '../../src/providers/contract/calls.ts';
import type { Machine, NodeSpec, Provider, Resource } from '../../src/providers/contract.ts';
import type { Chance } from '../chance.ts';

export interface CloudMachine {
  readonly external_id: string;
  readonly deployment_id: string | null;
  readonly node_id: NodeId | null;
  /** Null for a stranger's. */
  readonly spec: NodeSpec | null;
  state: 'running' | 'stopped';
  /** Before that no listing shows it. */
  readonly listed_from_ms: number;
}

const FAULTS = 0.04;
const ANSWER_LOST = 0.03;
const HANGS = 0.01;
const LISTED_LATE = 0.2;
const LISTED_LATE_MOST_MS = 40_000;
const SLOW = 0.3;

/** A cloud that outlives the processes that look at it, with the misfortunes that the seed holds for it. */
export class Cloud {
  readonly name: string;
  readonly machines = new Map<string, CloudMachine>();
  readonly limit: number;
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #say: (line: string) => void;
  /** Called with each machine that a launch made. */
  onMachine: (machine: CloudMachine & { spec: NodeSpec }) => void = () => undefined;
  #made = 0;

  constructor(name: string, limit: number, at: { clock: Clock; chance: Chance; say: (line: string) => void }) {
    this.name = name;
    this.limit = limit;
    this.#clock = at.clock;
    this.#chance = at.chance;
    this.#say = at.say;
  }

  /** Of another deployment, or of nobody that we know. */
  addStranger(deployment_id: string | null, node_id: NodeId | null): string {
    return this.#add({ deployment_id, node_id, spec: null }).external_id;
  }

  /** A driver of it, in one process. */
  provider(): Provider {
    return {
      name: this.name,
      can: { images: false, console_log: false, stop: false },
      reach: 'socket',
      amount: () => ({ nodes: 1 }),
      launch: (spec, step, context) => this.#launch(spec, step, context),
      destroy: (ref, _step, context) => this.#destroy(ref, context),
      list: (context) => this.#list(context),
      limits: async (context): Promise<Amount> => {
        await this.#call('limits', context);
        return { nodes: this.limit };
      },
    };
  }

  #add(machine: Pick<CloudMachine, 'deployment_id' | 'node_id' | 'spec'>): CloudMachine {
    const late = this.#chance.mishap(LISTED_LATE) ? this.#chance.between(1, LISTED_LATE_MOST_MS) : 0;
    const external_id = `${this.name}-${++this.#made}`;
    const added = { ...machine, external_id, state: 'running' as const, listed_from_ms: this.#clock.now_ms() + late };
    this.machines.set(external_id, added);
    return added;
  }

  /** What its own API shows: what was made a moment ago may be missing. */
  #listed(): CloudMachine[] {
    return [...this.machines.values()].filter(({ listed_from_ms }) => listed_from_ms <= this.#clock.now_ms());
  }

  async #launch(spec: NodeSpec, step: Step | undefined, context: ProviderContext): Promise<Progress<Machine>> {
    await this.#call(`launch ${spec.node_id}`, context);
    const external_id = typeof step?.external_id === 'string' ? step.external_id : this.#create(spec);
    await this.#answer(`launch ${spec.node_id}`, context);
    if (step === undefined && this.#chance.happens(SLOW)) {
      return { done: false, step: { work: 'launch', external_id }, poll_ms: this.#chance.between(500, 20_000) };
    }
    return { done: true, value: { external_id, addresses: [], host_keys: [] } };
  }

  /** Looks for the machine first, since the call may be a repeated one: a late listing makes a twin. */
  #create(spec: NodeSpec): string {
    const { node_id, deployment_id } = spec;
    const known = this.#listed().find((each) => each.node_id === node_id && each.deployment_id === deployment_id);
    if (known !== undefined) return known.external_id;
    if (this.machines.size >= this.limit) throw new ProviderFault('quota', `${this.name} is full`);
    const machine = this.#add({ node_id, deployment_id, spec });
    this.#say(`${this.name} made ${machine.external_id} for ${node_id}`);
    this.onMachine(machine as CloudMachine & { spec: NodeSpec });
    return machine.external_id;
  }

  async #destroy(ref: ResourceRef, context: ProviderContext): Promise<Progress<null>> {
    await this.#call(`destroy ${ref.node_id}`, context);
    for (const machine of this.#listed()) {
      if (machine.node_id !== ref.node_id || machine.deployment_id !== ref.deployment_id) continue;
      if (ref.external_id !== null && ref.external_id !== machine.external_id) continue;
      this.machines.delete(machine.external_id);
      this.#say(`${this.name} destroyed ${machine.external_id} of ${ref.node_id}`);
    }
    // A machine that is known by its name needs no listing.
    if (ref.external_id !== null) this.machines.delete(ref.external_id);
    await this.#answer(`destroy ${ref.node_id}`, context);
    return { done: true, value: null };
  }

  async *#list(context: ProviderContext): AsyncIterable<Resource> {
    await this.#call('list', context);
    for (const { external_id, deployment_id, node_id, state } of this.#listed()) {
      yield { kind: 'machine', external_id, deployment_id, node_id, state, takes: { nodes: 1 } };
    }
  }

  /** Before anything was done. */
  async #call(what: string, context: ProviderContext): Promise<void> {
    await this.#hang(what, context);
    if (!this.#chance.mishap(FAULTS)) return;
    const fault = this.#chance.pick(FAULT_CLASSES);
    // What a driver calls gone is gone: never said of what is there.
    if (fault === 'gone') return;
    this.#say(`${this.name} refused ${what}: ${fault}`);
    throw new ProviderFault(fault, `${this.name} says ${fault}`);
  }

  /** After it was done. */
  async #answer(what: string, context: ProviderContext): Promise<void> {
    await this.#hang(what, context);
    if (!this.#chance.mishap(ANSWER_LOST)) return;
    this.#say(`${this.name} did ${what}, and its answer was lost`);
    throw new ProviderFault('transient', 'the connection was lost');
  }

  async #hang(what: string, { signal }: ProviderContext): Promise<void> {
    if (!this.#chance.mishap(HANGS)) return;
    this.#say(`${this.name} does not answer ${what}`);
    await new Promise((_, reject) =>
      signal.addEventListener('abort', () => reject(abortReason(signal)), { once: true }),
    );
  }
}
