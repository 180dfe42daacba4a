import { messageOf } from '../../base/errors/error.ts';
import { Loop, type TurnEnd } from '../../base/loop.ts';
import { randomName } from '../../base/random.ts';
import { FLEET_WAKE } from '../../nodes/wake.ts';
import type { Provider } from '../../providers/contract.ts';
import type { Services } from '../services.ts';
import { type FleetConfiguration, followConfiguration } from './configuration.ts';
import { ProviderOwner } from './owner.ts';
import { planTurn } from './planner.ts';
import { startPruning } from './prune.ts';

const PERIOD_MS = 1_000;
/**
 * While every node is ready or at work, nobody waits and nothing was planned, only distant deadlines and lost wake-ups
 * are left to find.
 */
const CALM_PERIOD_MS = 5_000;
/**
 * Planning reads every live row: it rests at least this long, and so many times what it took, before it looks again, so
 * that it never takes more than a fifth of a processor from the allocator beside it.
 */
const REST_LEAST_MS = 20;
const REST_SHARE = 4;
/** The least time between two turns while nobody waits: what was used meanwhile is refilled together. */
const REST_CALM_MS = 200;

/**
 * The fleet role: plans for all providers, and owns each provider that no other process owns. Any number of processes
 * may do so; rows, the planner's lock and the providers' leases keep them from doing anything twice. `shared` is left
 * to whoever gave it.
 */
export function startFleet(services: Services, shared?: FleetConfiguration): { stop(): Promise<void> } {
  const configuration = shared ?? followConfiguration(services);
  const fleet = new Fleet(services, configuration);
  const unsubscribe = services.listener.on('fleet', (payload) => fleet.wake(payload));
  fleet.start();
  const pruning = startPruning(services);
  return {
    async stop() {
      unsubscribe();
      await pruning.stop();
      await fleet.stop();
      if (shared === undefined) await configuration.leave();
    },
  };
}

class Fleet {
  readonly #services: Services;
  readonly #configuration: FleetConfiguration;
  readonly #holder: string;
  readonly #planner: Loop;
  readonly #owners = new Map<string, ProviderOwner>();
  /** Until the database has said otherwise, nothing is touched. */
  #observing = true;
  /** Somebody waits: the next turn comes without the calm rest. */
  #hurried = false;
  #calm: AbortController | null = null;

  constructor(services: Services, configuration: FleetConfiguration) {
    this.#services = services;
    this.#configuration = configuration;
    this.#holder = `fleet-${randomName(services.random, 10)}`;
    const timing = { period_ms: PERIOD_MS, calm_period_ms: CALM_PERIOD_MS, rest_ms: 0 };
    this.#planner = new Loop(services.clock, timing, () => this.#turn());
  }

  start(): void {
    this.#planner.start();
  }

  /** What is woken depends on what the message asks for. True: planned here, so that no other process needs to. */
  wake(payload: string): boolean {
    if (!this.#configuration.leading()) return false;
    if (payload !== FLEET_WAKE.due) this.#planner.wake();
    if (payload === FLEET_WAKE.short) this.#hurry();
    if (payload === FLEET_WAKE.plan || payload === FLEET_WAKE.short) return true;
    for (const owner of this.#owners.values()) owner.wake();
    return false;
  }

  async stop(): Promise<void> {
    const planner = this.#planner.stop();
    this.#hurry();
    await planner;
    await Promise.all([...this.#owners.values()].map((owner) => owner.stop()));
  }

  async #turn(): Promise<TurnEnd> {
    const { clock, log, metrics } = this.#services;
    const began_ms = clock.monotonic_ms();
    this.#hurried = false;
    let end: TurnEnd;
    try {
      if (!(await this.#configuration.leads())) {
        await this.#followProviders(new Map());
        return undefined;
      }
      // Not what is open after the plan: a configuration that came meanwhile is settled in the next turn.
      const providers = (await this.#services.settle_providers?.()) ?? this.#services.providers();
      const turn = await planTurn(this.#services);
      this.#observing = turn.observing;
      if (turn.calm) end = 'calm';
      await this.#followProviders(providers);
      if (turn.actions > 0) for (const owner of this.#owners.values()) owner.wake();
      if (turn.more) {
        this.#hurry();
        this.#planner.wake();
      }
    } catch (error) {
      log.error({ error: messageOf(error) }, 'a planning turn failed');
    }
    const took_ms = clock.monotonic_ms() - began_ms;
    metrics?.duration('plan_turn', took_ms);
    const rest_ms = Math.max(REST_LEAST_MS, REST_SHARE * took_ms);
    await clock.sleep(rest_ms);
    if (this.#hurried || rest_ms >= REST_CALM_MS) return end;
    this.#calm = new AbortController();
    await clock.sleep(REST_CALM_MS - rest_ms, this.#calm.signal).catch(() => undefined);
    this.#calm = null;
    return end;
  }

  #hurry(): void {
    this.#hurried = true;
    this.#calm?.abort(new Error('somebody waits'));
  }

  /** An owner for each provider that there is, and none for those that are gone or were made anew. */
  async #followProviders(providers: ReadonlyMap<string, Provider>): Promise<void> {
    for (const [name, owner] of this.#owners) {
      if (providers.get(name) === owner.provider) continue;
      this.#owners.delete(name);
      await owner.stop();
    }
    for (const [name, provider] of providers) {
      if (this.#owners.has(name)) continue;
      const environment = {
        holder: this.#holder,
        observing: () => this.#observing,
        wakePlanner: () => this.#planner.wake(),
      };
      const owner = new ProviderOwner(this.#services, provider, environment);
      this.#owners.set(name, owner);
      owner.start();
    }
  }
}
