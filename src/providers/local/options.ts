import type { Amount } from '../../base/amount.ts';
import { ProviderFault } from '../../base/faults.ts';
import { parseSize_bytes } from '../../base/units.ts';

export const ISOLATION_CHOICES = ['auto', 'bubblewrap', 'unshare', 'none'] as const;
/** `auto`: bubblewrap where it works, else unshare, else a fault. `none` is never chosen by us. */
export type IsolationChoice = (typeof ISOLATION_CHOICES)[number];

export interface LocalOptions {
  isolation: IsolationChoice;
  limits: Amount;
}

/** What one node may use; null: not limited. */
export interface NodeLimits {
  cores: number | null;
  memory_bytes: number | null;
  pids: number | null;
}

function refuse(where: string, problem: string): never {
  throw new ProviderFault('config', `${where}: ${problem}`);
}

/** What all nodes together may take: 0 is a limit like another, under which nothing is launched. */
function ceiling(where: string, value: unknown): number | null {
  return positiveNumber(where, value, 0);
}

/** Above 0, or from `least` on. */
function positiveNumber(where: string, value: unknown, least?: number): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !Number.isFinite(value) || (least === undefined ? value <= 0 : value < least)) {
    const expected = least === undefined ? 'above 0' : `of ${least} or more`;
    refuse(where, `expected a number ${expected}, found ${JSON.stringify(value)}.`);
  }
  return value;
}

function size(where: string, value: unknown, least?: number): number | null {
  const parsed = typeof value === 'string' ? parseSize_bytes(value) : positiveNumber(where, value, least);
  if (parsed === null && typeof value === 'string') refuse(where, `"${value}" is not a size. Write for example 2GiB.`);
  return parsed;
}

/**
 * The provider's own options: `isolation`, and `limits` of all its nodes together. Other keys are the core's.
 * Throws ProviderFault `config` with the place.
 */
export function parseLocalOptions(name: string, options: Readonly<Record<string, unknown>>): LocalOptions {
  const where = `providers.${name}`;
  const isolation = options.isolation ?? 'auto';
  if (!(ISOLATION_CHOICES as readonly unknown[]).includes(isolation)) {
    refuse(`${where}.isolation`, `${JSON.stringify(isolation)} is not one of ${ISOLATION_CHOICES.join(', ')}.`);
  }
  const limits = (options.limits ?? {}) as Record<string, unknown>;
  const memory_bytes = limits.memory_bytes ?? limits.memory;
  return {
    isolation: isolation as IsolationChoice,
    limits: known({
      nodes: ceiling(`${where}.limits.nodes`, limits.nodes),
      cores: ceiling(`${where}.limits.cores`, limits.cores),
      memory_bytes: size(`${where}.limits.memory`, memory_bytes, 0),
    }),
  };
}

function known(figures: Record<string, number | null>): Amount {
  const kept = Object.entries(figures).filter((entry): entry is [string, number] => entry[1] !== null);
  return Object.fromEntries(kept);
}

/** What a node of these options takes: what it may use at most, where that is said. */
export function amountOfNode({ cores, memory_bytes }: Readonly<Record<string, unknown>>): Amount {
  return known({
    nodes: 1,
    cores: typeof cores === 'number' ? cores : null,
    memory_bytes: typeof memory_bytes === 'number' ? memory_bytes : null,
  });
}

/** The node type's own options: `cores`, `memory` (`2GiB`, or bytes) and `pids`. Throws ProviderFault `config`. */
export function parseNodeLimits(node_type: string, options: Readonly<Record<string, unknown>>): NodeLimits {
  const where = `node type ${node_type}`;
  const pids = positiveNumber(`${where}, pids`, options.pids);
  if (pids !== null && (!Number.isInteger(pids) || pids < 16)) {
    refuse(`${where}, pids`, `${pids} is too few: the agent itself needs 16.`);
  }
  const memory_bytes = size(`${where}, memory`, options.memory_bytes ?? options.memory);
  if (memory_bytes !== null && memory_bytes < 64 * 2 ** 20) {
    refuse(`${where}, memory`, `${memory_bytes} bytes are too few: the agent itself needs 64MiB.`);
  }
  return { cores: positiveNumber(`${where}, cores`, options.cores), memory_bytes, pids };
}
