import { messageOf } from '../../base/errors/error.ts';
import type { NodeId } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import { Loop, type TurnEnd } from '../../base/loop.ts';
import { type DriveContext, driveBatches, driveNode } from '../../nodes/effects.ts';
import type { DrivenNode } from '../../nodes/store/drive.ts';
import { lookAtProvider } from '../../nodes/sweep.ts';
import type { Provider } from '../../providers/contract.ts';
import type { Services } from '../services.ts';

/** Tried again each second, so that a killed owner's nodes go on within 15 s. */
const LEASE_MS = 14_000;
const RENEW_MS = 4_000;
const PERIOD_MS = 1_000;
/** With nothing due and no call under way: new rows come with a wake-up, and what a call delayed has its own timer. */
const CALM_PERIOD_MS = RENEW_MS;
/** Between two turns, so that one look finds several nodes that are due, and their rows are written together. */
const REST_MS = 25;
/** Calls of one driver at the same time. */
const CALLS_MOST = 16;
/** A whole listing at most this often; turns in between need none. */
const LOOK_EVERY_MS = 10_000;
/** Calls under way when the process ends get this long; the next owner calls again. */
const STOP_MOST_MS = 5_000;

/** What an owner needs of its process: in the simulator, no more than this is there. */
export type OwnerServices = Pick<
  Services,
  'clock' | 'random' | 'log' | 'fleet_rows' | 'deployment' | 'agent_server_url'
>;

/** What the owners of a process share. */
export interface OwnerEnvironment {
  /** Unique to this process. */
  holder: string;
  /** Look, but touch nothing; true until the first planning turn has read the database. */
  observing(): boolean;
  wakePlanner(): void;
}

/**
 * Owns one provider for as long as it holds the lease: makes the calls that its nodes need, a few at the same time, and
 * looks at it from time to time. Each provider has an owner and a loop of its own, so that a slow one holds up no other.
 */
export class ProviderOwner {
  readonly provider: Provider;
  readonly #services: OwnerServices;
  readonly #environment: OwnerEnvironment;
  readonly #log: Log;
  readonly #loop: Loop;
  readonly #calls = new Map<NodeId, Promise<void>>();
  readonly #lease_name: string;
  #context: DriveContext | null = null;
  #renew_at_ms = 0;
  #look_at_ms = 0;
  #look: Promise<void> | null = null;

  constructor(services: OwnerServices, provider: Provider, environment: OwnerEnvironment) {
    this.#services = services;
    this.provider = provider;
    this.#environment = environment;
    this.#log = services.log.child({ provider: provider.name });
    this.#lease_name = `provider:${provider.name}`;
    const timing = { period_ms: PERIOD_MS, calm_period_ms: CALM_PERIOD_MS, rest_ms: REST_MS };
    this.#loop = new Loop(services.clock, timing, () => this.#turn());
  }

  start(): void {
    this.#loop.start();
  }

  wake(): void {
    this.#loop.wake();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    const { clock, fleet_rows } = this.#services;
    const calls = Promise.allSettled([...this.#calls.values(), this.#look]);
    const waiting = new AbortController();
    await Promise.race([calls, clock.sleep(STOP_MOST_MS, waiting.signal).catch(() => undefined)]);
    waiting.abort();
    if (this.#context === null) return;
    const { holder, epoch } = this.#context.lease;
    this.#context = null;
    await fleet_rows.releaseLease(this.#lease_name, holder, epoch).catch(() => undefined);
  }

  async #turn(): Promise<TurnEnd> {
    try {
      const context = await this.#owned();
      if (context === null) return undefined;
      this.#lookSometimes(context);
      if (!this.#environment.observing()) await this.#driveDue(context);
      return this.#calls.size === 0 ? 'calm' : undefined;
    } catch (error) {
      this.#log.error({ error: messageOf(error) }, 'a turn of a provider failed');
      return undefined;
    }
  }

  /** Takes or renews the lease; null while another process has it. */
  async #owned(): Promise<DriveContext | null> {
    const { clock, fleet_rows } = this.#services;
    const now_ms = clock.monotonic_ms();
    if (this.#context !== null) {
      if (now_ms < this.#renew_at_ms) return this.#context;
      const { holder, epoch } = this.#context.lease;
      if (await fleet_rows.renewLease(this.#lease_name, holder, epoch, LEASE_MS)) {
        this.#renew_at_ms = now_ms + RENEW_MS;
        return this.#context;
      }
      this.#log.warn({ epoch }, 'the lease of a provider was lost');
      this.#context = null;
    }
    const { holder } = this.#environment;
    const lease = await fleet_rows.takeLease(this.#lease_name, holder, LEASE_MS);
    if (lease === null) return null;
    this.#renew_at_ms = now_ms + RENEW_MS;
    this.#context = this.#contextFor(holder, lease.epoch);
    await fleet_rows.freeClaims(this.provider.name);
    return this.#context;
  }

  /** Tokens begin empty with each lease: another owner may have given out new ones meanwhile. */
  #contextFor(holder: string, epoch: number): DriveContext {
    const { clock, random, fleet_rows: rows, deployment, agent_server_url } = this.#services;
    const lease = { name: this.#lease_name, holder, epoch };
    return {
      clock,
      random,
      log: this.#log,
      rows,
      provider: this.provider,
      lease,
      batches: driveBatches(rows, lease),
      deployment_id: deployment.id,
      server_url: agent_server_url(this.provider.name),
      tokens: new Map(),
      // This process plans as well as any other.
      wakePlanner: () => this.#environment.wakePlanner(),
    };
  }

  async #driveDue(context: DriveContext): Promise<void> {
    if (this.#calls.size >= CALLS_MOST) return;
    const due = await context.rows.dueNodes(this.provider.name, CALLS_MOST + this.#calls.size);
    for (const node of due) {
      if (this.#calls.size >= CALLS_MOST) return;
      if (!this.#calls.has(node.id)) this.#begin(context, node);
    }
  }

  #begin(context: DriveContext, node: DrivenNode): void {
    const call = driveNode(context, node).then(
      (delay_ms) => {
        this.#calls.delete(node.id);
        if (delay_ms === null) this.wake();
        else this.#services.clock.after(delay_ms, () => this.wake(), { background: true });
      },
      (error: unknown) => {
        // The database, not the provider: the row says what comes next, the next turn reads it.
        this.#calls.delete(node.id);
        this.#log.error({ node_id: node.id, error: messageOf(error) }, 'a node could not be driven');
      },
    );
    this.#calls.set(node.id, call);
  }

  #lookSometimes(context: DriveContext): void {
    const now_ms = this.#services.clock.monotonic_ms();
    if (this.#look !== null || now_ms < this.#look_at_ms) return;
    this.#look_at_ms = now_ms + LOOK_EVERY_MS;
    this.#look = lookAtProvider(context, this.#environment.observing())
      .then((plan) => {
        if (plan?.alarm) this.#log.error({ alarm: plan.alarm }, 'the sweep has stopped');
      })
      .catch((error: unknown) => this.#log.error({ error: messageOf(error) }, 'a look at a provider failed'))
      .finally(() => {
        this.#look = null;
      });
  }
}
