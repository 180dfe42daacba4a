import type { Clock } from '../src/base/clock.ts';
import type { Log } from '../src/base/log.ts';
import { Loop } from '../src/base/loop.ts';
import type { Random } from '../src/base/random.ts';
import type { Config } from '../src/config/schema.ts';
import { ProviderOwner } from '../src/flow/fleet/owner.ts';
import { planTurn } from '../src/flow/fleet/planner.ts';
import type { PlannerRows } from '../src/flow/fleet/rows.ts';
import type { Provider } from '../src/providers/contract.ts';
import type { Chance } from './chance.ts';
import { never, ProcessClock } from './clock/process-clock.ts';
import { PlannerLock } from './rows/lock.ts';
import { memoryRows } from './rows/memory.ts';
import type { Tables } from './rows/tables.ts';

const KILLED = 0.002;
const STALLED = 0.002;
/** Longer than a provider's lease lasts. */
const STALL_MOST_MS = 40_000;

export interface ProcessGround {
  clock: Clock;
  random: Random;
  log: Log;
  tables: Tables;
  lock: PlannerLock;
  chance: Chance;
  config: Config;
  deployment_id: string;
  providers(): Map<string, Provider>;
  say(line: string): void;
}

/** The fleet role as one process has it: the real planner and the real owners, over rows and a clock that may end at any call. */
export class FleetProcess {
  readonly name: string;
  readonly #ground: ProcessGround;
  readonly #clock: ProcessClock;
  readonly #lock: PlannerLock;
  readonly #owners: ProviderOwner[];
  readonly #planner: Loop;
  /** Called when it was killed. */
  readonly #onDeath: () => void;
  #observing = true;
  #dead = false;

  constructor(name: string, ground: ProcessGround, onDeath: () => void) {
    this.name = name;
    this.#ground = ground;
    this.#onDeath = onDeath;
    this.#clock = new ProcessClock(ground.clock);
    this.#lock = new PlannerLock(ground.lock);
    const providers = ground.providers();
    const services = {
      ...{ clock: this.#clock, random: ground.random, log: ground.log, fleet_rows: this.#rows() },
      ...{ config: () => ground.config, providers: () => providers, agent_server_url: () => 'unix:/simulated' },
      deployment: { id: ground.deployment_id, observing: false },
    };
    this.#planner = new Loop(this.#clock, { period_ms: 1_000, calm_period_ms: 5_000, rest_ms: 100 }, async () => {
      const turn = await planTurn(services).catch((error: unknown) => {
        ground.log.error({ error: String(error) }, 'a planning turn failed');
        return null;
      });
      if (turn === null) return undefined;
      this.#observing = turn.observing;
      return turn.calm ? 'calm' : undefined;
    });
    const environment = {
      holder: name,
      observing: () => this.#observing,
      wakePlanner: () => this.#planner.wake(),
    };
    this.#owners = [...providers.values()].map((provider) => new ProviderOwner(services, provider, environment));
  }

  start(): void {
    this.#planner.start();
    for (const owner of this.#owners) owner.start();
  }

  wakeOwners(): void {
    if (!this.#dead) for (const owner of this.#owners) owner.wake();
  }

  wakePlanner(): void {
    if (!this.#dead) this.#planner.wake();
  }

  kill(where: string): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#ground.say(`${this.name} was killed ${where}`);
    this.#clock.kill();
    this.#lock.end();
    this.#onDeath();
  }

  /** The rows, each call of which may be its last, before or after it is done, or take longer than a lease lasts. */
  #rows(): PlannerRows {
    const rows = memoryRows(this.#ground.tables, this.#lock);
    const wrapped = Object.entries(rows).map(([name, call]) => [name, this.#fragile(name, call as Call)]);
    return Object.fromEntries(wrapped) as PlannerRows;
  }

  #fragile(name: string, call: Call): Call {
    const { chance } = this.#ground;
    return async (...given) => {
      if (this.#dead) return await never();
      if (chance.mishap(KILLED)) return await this.#die(`before ${name}`);
      if (name !== 'planAlone' && chance.mishap(STALLED)) {
        this.#ground.say(`${this.name} stalls before ${name}`);
        await this.#clock.sleep(chance.between(1_000, STALL_MOST_MS));
      }
      const answer = await call(...given);
      if (this.#dead) return await never();
      if (chance.mishap(KILLED)) return await this.#die(`after ${name}`);
      return answer;
    };
  }

  #die(where: string): Promise<never> {
    this.kill(where);
    return never();
  }
}

type Call = (...given: unknown[]) => Promise<unknown>;
