import { nextTurn } from '../src/base/clock.ts';
import type { NodeId } from '../src/base/ids.ts';
import { type Log, silentLog } from '../src/base/log.ts';
import { randomName, seededRandom } from '../src/base/random.ts';
import { type VirtualClock, virtualClock } from '../src/base/testing/virtual-clock.ts';
import type { PlannerRows } from '../src/flow/fleet/rows.ts';
import { Agents } from './agents/agents.ts';
import { allocate, type Holders } from './allocator.ts';
import { Chance } from './chance.ts';
import { Cloud } from './clouds/cloud.ts';
import { FLEET_CONFIG } from './config.ts';
import { FleetProcess } from './fleet-process.ts';
import { Invariants } from './invariants/invariants.ts';
import { PlannerLock } from './rows/lock.ts';
import { memoryRows } from './rows/memory.ts';
import { Tables } from './rows/tables.ts';

const TROUBLE_MS = 150_000;
/** From the last mishap until everything rests, at most. */
const REST_MOST_MS = 1_800_000;
const TICK_MS = 1_000;
const REQUESTS = 0.15;
const API_OUTAGE = 0.003;
const DEPLOYMENT = 'd-simulated';
const TRACE_LINES = 60;
const TURNS = 3;

export interface Outcome {
  seed: number;
  /** What went wrong; null: nothing. */
  violation: string | null;
  /** The last steps, oldest first. */
  trace: readonly string[];
  simulated_ms: number;
  requests: number;
  nodes: number;
  kills: number;
}

/** A whole world out of one number: the same number gives the same steps. */
export async function simulate(seed: number): Promise<Outcome> {
  return await new Simulation(seed).run();
}

class Simulation {
  readonly #seed: number;
  readonly #chance: Chance;
  readonly #clock: VirtualClock;
  readonly #tables: Tables;
  readonly #lock = new PlannerLock();
  readonly #rows: PlannerRows;
  readonly #clouds: Cloud[];
  readonly #agents: Agents;
  readonly #holders: Holders = new Map();
  readonly #invariants: Invariants;
  readonly #processes = new Set<FleetProcess>();
  readonly #trace: string[] = [];
  readonly #log: Log;
  #violation: string | null = null;
  #outage_until_ms = 0;
  #started = 0;
  #kills = 0;
  #nodes = 0;

  constructor(seed: number) {
    this.#seed = seed;
    const random = seededRandom(seed);
    this.#chance = new Chance(random);
    this.#clock = virtualClock({ settle: () => this.#settle() });
    this.#tables = new Tables(() => this.#clock.now_ms());
    const say = (line: string): void => this.#say(line);
    this.#log = { ...silentLog, child: () => this.#log, error: (fields, message) => this.#hear(fields, message) };
    const at = { clock: this.#clock, chance: this.#chance, say };
    this.#clouds = Object.keys(FLEET_CONFIG.providers).map((name, index) => new Cloud(name, [9, 14][index] ?? 9, at));
    this.#rows = memoryRows(this.#tables, this.#lock);
    const rows = this.#rows;
    const isThere = (machine: { external_id: string }) =>
      this.#clouds.some(({ machines }) => machines.has(machine.external_id));
    this.#agents = new Agents({ tables: this.#tables, rows, chance: this.#chance, say, isThere });
    for (const cloud of this.#clouds) cloud.onMachine = (machine) => this.#agents.boot(machine);
    const strangers = this.#clouds.flatMap((cloud) =>
      [null, 'd-other'].map((deployment) => {
        return {
          cloud,
          external_id: cloud.addStranger(deployment, deployment === null ? null : ('n-00000000' as NodeId)),
        };
      }),
    );
    this.#tables.onEvent = ({ node_id, state, reason, actor }) => {
      if (state === 'planned') this.#nodes += 1;
      say(`${node_id} ${state}: ${reason} (${actor})`);
    };
    this.#tables.onMove = (node) => {
      if (node.state === 'deleting') this.#holders.delete(node.id);
    };
    this.#tables.onWakeOwners = () => {
      for (const process of this.#processes) process.wakeOwners();
    };
    const world = { tables: this.#tables, clouds: this.#clouds, config: FLEET_CONFIG, deployment_id: DEPLOYMENT };
    this.#invariants = new Invariants({ ...world, holders: this.#holders, strangers });
  }

  async run(): Promise<Outcome> {
    this.#startProcess();
    if (this.#chance.happens(0.5)) this.#startProcess();
    const trouble = await this.#passUntil(TROUBLE_MS, () => false);
    this.#chance.calm();
    this.#say('from here on nothing goes wrong');
    const rest = await this.#passUntil(REST_MOST_MS, () => this.#invariants.unrest() === null);
    const unrest = this.#invariants.unrest();
    if (unrest !== null) this.#fail(`no rest ${REST_MOST_MS / 60_000} min after the last mishap: ${unrest}`);
    for (const process of this.#processes) process.kill('at the end');
    return {
      ...{ seed: this.#seed, violation: this.#violation, trace: this.#trace, simulated_ms: trouble + rest },
      ...{ requests: this.#tables.requests.size, nodes: this.#nodes, kills: this.#kills },
    };
  }

  /** Second after second. */
  async #passUntil(most_ms: number, done: () => boolean): Promise<number> {
    let passed_ms = 0;
    for (; passed_ms < most_ms && this.#violation === null && !done(); passed_ms += TICK_MS) {
      try {
        await this.#tick();
        await this.#clock.advance(TICK_MS);
        const violation = this.#invariants.violationOfClouds();
        if (violation !== null) this.#fail(violation);
      } catch (error) {
        this.#fail(String(error));
      }
    }
    return passed_ms;
  }

  /** What is not the fleet's: requests, the allocator, agents, the API's outages, and the operator. */
  async #tick(): Promise<void> {
    const now_ms = this.#clock.now_ms();
    if (this.#chance.mishap(REQUESTS)) this.#ask();
    if (this.#chance.mishap(API_OUTAGE)) this.#outage_until_ms = now_ms + this.#chance.between(5_000, 90_000);
    const heard = now_ms >= this.#outage_until_ms;
    if (heard) this.#tables.alive_ms += TICK_MS;
    await this.#agents.turn(heard);
    await allocate(this.#tables, this.#rows, FLEET_CONFIG, this.#holders);
    this.#agree();
  }

  #ask(): void {
    const wants = [['jammy'], ['noble'], ['jammy && x86_64', 'jammy'], ['noble || jammy'], ['riscv']];
    const expressions = this.#chance.pick(wants);
    const id = this.#tables.addRequest(expressions);
    this.#say(`r-${id} asks for ${expressions.join(' + ')}`);
    for (const process of this.#processes) process.wakePlanner();
  }

  /** The fuse of a sweep has blown, and an operator looks at what it found. */
  #agree(): void {
    for (const leak of this.#tables.leaks.values()) {
      const blown = this.#tables.providers.get(leak.provider)?.message?.includes('nothing is swept') === true;
      if (blown && this.#tables.now_ms() - leak.first_seen_at > 120_000) leak.agreed = true;
    }
  }

  #startProcess(): void {
    const providers = () => new Map(this.#clouds.map((cloud) => [cloud.name, cloud.provider()]));
    const ground = {
      ...{ clock: this.#clock, random: this.#chance.random, log: this.#log, tables: this.#tables, lock: this.#lock },
      ...{ chance: this.#chance, config: FLEET_CONFIG, deployment_id: DEPLOYMENT, providers },
      say: (line: string) => this.#say(line),
    };
    this.#started += 1;
    const process = new FleetProcess(`fleet-${this.#started}-${randomName(this.#chance.random, 4)}`, ground, () => {
      this.#processes.delete(process);
      this.#kills += 1;
      if (this.#chance.troubled()) this.#clock.after(this.#chance.between(500, 25_000), () => this.#startProcess());
    });
    this.#processes.add(process);
    this.#say(`${process.name} starts`);
    process.start();
  }

  /** Promises come to rest after each timer, and then everything must hold. */
  async #settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) await nextTurn();
    const violation = this.#invariants?.violation() ?? null;
    if (violation !== null) this.#fail(violation);
  }

  /** What the fleet calls an error is one, beside the alarm that waits for the operator. */
  #hear(fields: object, message: string): void {
    const said = `${message} ${JSON.stringify(fields)}`;
    if ('alarm' in fields) this.#say(said);
    else this.#fail(said);
  }

  #fail(violation: string): void {
    this.#violation ??= `seed ${this.#seed}: ${violation}`;
    this.#say(`VIOLATION: ${violation}`);
  }

  #say(line: string): void {
    if (this.#violation !== null && !line.startsWith('VIOLATION')) return;
    this.#trace.push(`${(this.#clock.monotonic_ms() / 1_000).toFixed(3)} ${line}`);
    if (this.#trace.length > TRACE_LINES) this.#trace.shift();
  }
}
