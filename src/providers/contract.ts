import type { Amount } from '../base/amount.ts';
import type { Clock } from '../base/clock.ts';
import type { NodeId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';

/** JSON on the node's row, opaque to the core. A driver accepts every step that it ever wrote. */
export type Step = Readonly<Record<string, unknown>>;

/** What the core wants; frozen on the node's row when it was planned. */
export interface NodeSpec {
  node_id: NodeId;
  /** Written on the machine, with the node's id: whose it is. */
  deployment_id: string;
  node_type: string;
  labels: string[];
  /**
   * The driver's own part of the node type, validated by the driver's schema (image, flavor, limits, …).
   */
  options: Readonly<Record<string, unknown>>;
  /** How the agent reaches the server, and the token that it may use once. Never in a command line. */
  agent: { server_url: string; registration_token: string };
}

/**
 * Enough to destroy it: the row may have been written before the machine's own identifier was known; then every machine
 * of the node is meant. With an identifier that machine alone is: its twin, made by a repeated create, may be in use.
 */
export interface NodeRef {
  node_id: NodeId;
  deployment_id: string;
  /** That machine alone; null: every machine that carries the node's identity. */
  external_id: string | null;
}

export interface Machine {
  external_id: string;
  addresses: string[];
}

export type Progress<T> = { done: true; value: T } | { done: false; step: Step; poll_ms: number };

/** One machine (or side resource) that the provider has; strangers' too, for honest quota. */
export interface Resource {
  kind: 'machine' | 'volume' | 'address' | 'port';
  external_id: string;
  /** Null when it does not carry an identity of ours. */
  deployment_id: string | null;
  node_id: NodeId | null;
  state: 'running' | 'stopped' | 'unknown';
  /** As far as the driver knows it: of a machine at least `nodes: 1`. */
  takes: Amount;
}

/** What a driver gets with each call. */
export interface ProviderContext {
  clock: Clock;
  random: Random;
  log: Log;
  signal: AbortSignal;
}

/**
 * A place that machines come from. Every call may be repeated after a crash at any line, throws `ProviderFault` only,
 * and keeps no state of its own between calls: rows and machines are the state.
 */
export interface Provider {
  readonly name: string;
  readonly can: { images: boolean; console_log: boolean };
  /** What one machine of these options takes: `nodes: 1`, and what else is limited here. Pure. */
  amount(options: Readonly<Record<string, unknown>>): Amount;
  /** At most one mutation of the cloud a call; called again with the returned step until done. */
  launch(spec: NodeSpec, step: Step | undefined, context: ProviderContext): Promise<Progress<Machine>>;
  /** One path for used nodes, failed launches and leaks. Missing = done. */
  destroy(ref: NodeRef, step: Step | undefined, context: ProviderContext): Promise<Progress<null>>;
  list(context: ProviderContext): AsyncIterable<Resource>;
  /** The provider's own limits, of all that is there; a dimension that is left out is not limited. */
  limits(context: ProviderContext): Promise<Amount>;
  /** The end of what the machine printed at boot. */
  consoleLog?(ref: NodeRef, context: ProviderContext): Promise<string>;
}

/** A driver makes providers out of the configuration's `providers.NAME` section. */
export interface Driver {
  readonly name: string;
  create(name: string, options: Readonly<Record<string, unknown>>, environment: DriverEnvironment): Provider;
}

/** What the server tells a driver about itself. */
export interface DriverEnvironment {
  /** The server's own data directory: a driver of local machines keeps theirs in it. */
  data_directory: string;
  deployment_id: string;
  /** Directory of the unix socket that serves the agent's routes, to be mounted into local machines. */
  agent_socket_directory: string;
  /** The agent's one file, and the Node that runs it. */
  agent_bundle: string;
  node_executable: string;
}
