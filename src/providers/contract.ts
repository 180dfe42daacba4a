import type { Amount } from '../base/amount.ts';
import type { NodeId } from '../base/ids.ts';
import type { DriverSchema } from '../schema/driver.ts';
import type { Progress, ProviderContext, ResourceKind, ResourceRef, Step } from './contract/calls.ts';
import type { ImageStore } from './contract/images.ts';

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

/** A machine as its launch gives it; all of it is kept on the node's row. */
export interface Machine {
  external_id: string;
  /** Where it is reached, the best first; none where only its agent reaches us. */
  addresses: string[];
  /** Its SSH host keys, as in `known_hosts` without the name, as far as the provider knows them. */
  host_keys: string[];
}

/** One machine (or side resource) that the provider has; strangers' too, for honest quota. */
export interface Resource {
  kind: ResourceKind;
  external_id: string;
  /** Null when it does not carry an identity of ours. */
  deployment_id: string | null;
  node_id: NodeId | null;
  state: 'running' | 'stopped' | 'unknown';
  /** As far as the driver knows it: of a machine at least `nodes: 1`. */
  takes: Amount;
}

/**
 * A place that machines come from. Every call may be repeated after a crash at any line, throws `ProviderFault` only,
 * and keeps no state of its own between calls: rows and machines are the state.
 */
export interface Provider {
  readonly name: string;
  /** `images` and `console_log`: the members are there. `stop`: a machine may be stopped and started again. */
  readonly can: { images: boolean; console_log: boolean; stop: boolean };
  /**
   * How agent and server meet on its machines: the agent at the server's socket, the agent over the network, or the
   * server over SSH.
   */
  readonly reach: 'socket' | 'network' | 'ssh';
  /** What one machine of these options takes: `nodes: 1`, and what else is limited here. Pure. */
  amount(options: Readonly<Record<string, unknown>>): Amount;
  /** At most one mutation of the cloud a call; called again with the returned step until done. */
  launch(spec: NodeSpec, step: Step | undefined, context: ProviderContext): Promise<Progress<Machine>>;
  /**
   * One path for used nodes, half-launched ones (with the step that their launch had reached), leaks and what else was
   * made for a node. Missing = done. What does not carry the deployment's identity is never touched.
   */
  destroy(ref: ResourceRef, step: Step | undefined, context: ProviderContext): Promise<Progress<null>>;
  /** Ours and strangers', each with what it takes. */
  list(context: ProviderContext): AsyncIterable<Resource>;
  /** The provider's own limits, of all that is there; a dimension that is left out is not limited. */
  limits(context: ProviderContext): Promise<Amount>;
  readonly images?: ImageStore;
  /** The end of what the machine printed at boot. */
  consoleLog?(ref: ResourceRef, context: ProviderContext): Promise<string>;
}

/**
 * One exported value of a driver's folder, named in `all.ts`: its part of the configuration's schema, and the code that
 * opens a provider out of what that made of a `providers.NAME` section (with the section's `limits`).
 */
export interface Driver extends DriverSchema {
  /** Starts nothing by itself. Throws ProviderFault `config` for options that cannot be used here. */
  open(name: string, options: Readonly<Record<string, unknown>>, environment: DriverEnvironment): Provider;
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
