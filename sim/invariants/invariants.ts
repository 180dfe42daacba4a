import type { NodeId } from '../../src/base/ids.ts';
import type { Config } from '../../src/config/schema.ts';
import type { Holders } from '../allocator.ts';
import type { Cloud, CloudMachine } from '../clouds/cloud.ts';
import type { Tables } from '../rows/tables.ts';

/** How long a machine that carries our deployment may be without a live row, beside outages and mishaps. */
const LEAK_MOST_MS = 600_000;

export interface Simulated {
  tables: Tables;
  clouds: readonly Cloud[];
  config: Config;
  deployment_id: string;
  holders: Holders;
  /** The machines that are none of ours. */
  strangers: readonly { cloud: Cloud; external_id: string }[];
}

/** What must hold after every step; each answers what does not. Listed transitions are the rows' own to refuse. */
export class Invariants {
  readonly #world: Simulated;
  /** Since when each machine of ours has had no row. */
  readonly #leaked_since = new Map<string, number>();

  #events_seen = 0;

  constructor(world: Simulated) {
    this.#world = world;
  }

  /** After each step. Null: all of them hold. */
  violation(): string | null {
    const { events } = this.#world.tables;
    // Without an event no node has come, gone or been given.
    if (events.length === this.#events_seen) return null;
    this.#events_seen = events.length;
    return this.#twoHolders() ?? this.#overLimit();
  }

  /** After each second: what time or the clouds may break. */
  violationOfClouds(): string | null {
    return this.#leak() ?? this.#strangerTouched();
  }

  #twoHolders(): string | null {
    for (const [id, requests] of this.#world.holders) {
      if (requests.length > 1) return `${id} is held by ${requests.length}: ${requests.join(', ')}`;
    }
    return null;
  }

  #overLimit(): string | null {
    const { tables, config } = this.#world;
    const counts = new Map<string, number>();
    for (const { provider, node_type } of tables.nodes.values()) {
      for (const key of [provider, `${provider}/${node_type}`]) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const [name, { limits, nodes }] of Object.entries(config.providers)) {
      const limited = [{ key: name, limit: limits.nodes ?? null }];
      for (const type of nodes) limited.push({ key: `${name}/${type.name}`, limit: type.limits.nodes });
      for (const { key, limit } of limited) {
        const count = counts.get(key) ?? 0;
        if (limit !== null && count > limit) return `${key} has ${count} nodes of at most ${limit}`;
      }
    }
    return null;
  }

  #leak(): string | null {
    const { tables, clouds } = this.#world;
    const now_ms = tables.now_ms();
    for (const machine of clouds.flatMap((cloud) => [...cloud.machines.values()])) {
      if (!this.isLeak(machine)) {
        this.#leaked_since.delete(machine.external_id);
        continue;
      }
      const since_ms = this.#leaked_since.get(machine.external_id) ?? now_ms;
      this.#leaked_since.set(machine.external_id, since_ms);
      if (now_ms - since_ms > LEAK_MOST_MS) return `${machine.external_id} of ${machine.node_id} has no row, and stays`;
    }
    return null;
  }

  /** Does it carry our deployment without being its row's machine? */
  isLeak({ deployment_id, node_id, external_id }: CloudMachine): boolean {
    if (deployment_id !== this.#world.deployment_id) return false;
    const row = this.#world.tables.nodes.get(node_id as NodeId);
    return row === undefined || (row.external_id !== null && row.external_id !== external_id);
  }

  #strangerTouched(): string | null {
    const gone = this.#world.strangers.find(({ cloud, external_id }) => !cloud.machines.has(external_id));
    return gone === undefined ? null : `${gone.external_id} is none of ours, and was destroyed`;
  }

  /** Once nothing goes wrong any more: what still moves, or is not as it is wanted. Null: everything rests. */
  unrest(): string | null {
    const { tables, clouds, config, deployment_id } = this.#world;
    for (const { id, state } of tables.requests.values()) if (state === 'waiting') return `r-${id} waits`;
    for (const { id, state } of tables.nodes.values()) if (state !== 'ready') return `${id} is ${state}`;
    for (const [label, { ready }] of Object.entries(config.labels)) {
      const count = [...tables.nodes.values()].filter(({ labels }) => labels.includes(label)).length;
      if (count !== ready) return `${count} of ${ready} ${label} are ready`;
    }
    const ours = clouds
      .flatMap((cloud) => [...cloud.machines.values()])
      .filter((each) => each.deployment_id === deployment_id);
    const leak = ours.find((machine) => this.isLeak(machine));
    if (leak !== undefined) return `${leak.external_id} leaks`;
    return ours.length === tables.nodes.size ? null : `${ours.length} machines of ${tables.nodes.size} nodes`;
  }
}
