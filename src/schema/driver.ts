import type { TProperties } from 'typebox';

/**
 * What a kind of provider adds to the configuration file: keys of its own, beside those that every provider has. They
 * are put together in `config/`, which knows no driver by name.
 */
export interface DriverSchema {
  /** What `driver:` says. */
  readonly name: string;
  /** One sentence: what its nodes are. */
  readonly summary: string;
  /** One sentence, for the reference page. */
  readonly description: string;
  /** Keys of `providers.NAME`. */
  readonly provider: TProperties;
  /** Keys of a node type, and of its `limits` beside `nodes`. */
  readonly node_type: TProperties;
  readonly node_limits: TProperties;
  /** The driver's own part, out of a section that its schema accepted: what `open` gets, and each node's spec. */
  normalise(provider: ProviderSection): NormalisedProvider;
}

/** A section as its schema read it: units resolved, defaults filled in. */
export interface ProviderSection extends Readonly<Record<string, unknown>> {
  readonly nodes: readonly NodeTypeSection[];
}

export interface NodeTypeSection extends Readonly<Record<string, unknown>> {
  readonly limits: Readonly<Record<string, unknown>>;
}

export interface NormalisedProvider {
  /** Of the provider. */
  options: Record<string, unknown>;
  /** Of its node types, in their order. */
  nodes: Record<string, unknown>[];
}
