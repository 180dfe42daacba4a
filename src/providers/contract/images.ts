import type { Progress, ProviderContext, ResourceRef, Step } from '../contract/calls.ts';

/** Whose image it is: written on it as tags or in its name, so that none is made twice and none is lost. */
export interface ImageIdentity {
  deployment_id: string;
  /** The upload that it is: unique within the deployment. */
  image_id: string;
}

/** An image that a provider has; strangers', such as the vendor's own, have no identity of ours. */
export interface Image {
  external_id: string;
  name: string;
  properties: Readonly<Record<string, string>>;
  created_at_ms: number;
  size_bytes: number | null;
  identity: ImageIdentity | null;
}

/** What is looked for: the newest image that has this name (`*` stands for anything) and all of these properties. */
export interface ImageQuery {
  name?: string;
  properties?: Readonly<Record<string, string>>;
}

/** What an image of ours is made with. */
export interface ImageSpec {
  identity: ImageIdentity;
  name: string;
  properties: Readonly<Record<string, string>>;
}

/** A disk on the server's machine. */
export interface ImageFile {
  path: string;
  format: 'raw' | 'qcow2' | 'tar';
  sha256: string;
}

/** One image; without its identifier, every one that carries the identity: a call's answer may have been lost. */
export interface ImageRef {
  identity: ImageIdentity;
  external_id: string | null;
}

/**
 * A provider's images. The calls keep the provider's rules: at most one mutation a call, each may be repeated from every
 * step, two calls with one identity make one image, and what is not ours is never touched. They throw `ProviderFault`:
 * `gone` where the machine to be snapshotted is not there.
 */
export interface ImageStore {
  /** The best match, ours or a stranger's; null: there is none. */
  find(query: ImageQuery, context: ProviderContext): Promise<Image | null>;
  /** An image of the machine's disk as it is. */
  snapshot(
    machine: ResourceRef,
    spec: ImageSpec,
    step: Step | undefined,
    context: ProviderContext,
  ): Promise<Progress<Image>>;
  upload(file: ImageFile, spec: ImageSpec, step: Step | undefined, context: ProviderContext): Promise<Progress<Image>>;
  /** Missing = done. One that machines need is refused with a fault by providers that know. */
  remove(ref: ImageRef, step: Step | undefined, context: ProviderContext): Promise<Progress<null>>;
}
