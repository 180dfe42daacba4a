import { ProviderFault } from '../../base/faults.ts';
import type { NodeId } from '../../base/ids.ts';
import type { Progress, ProviderContext } from '../contract/calls.ts';
import type { Image, ImageIdentity, ImageQuery, ImageSpec, ImageStore } from '../contract/images.ts';

/** What images need of an instant cloud. */
interface CloudWithImages {
  readonly images: Map<string, Image>;
  readonly machines: ReadonlyMap<string, { node_id: NodeId | null; deployment_id: string | null }>;
}

/** Counts a call, and fails it as the test wants. */
type Begin = (context: ProviderContext) => void;

function isOf(image: Image, identity: ImageIdentity): boolean {
  return image.identity?.image_id === identity.image_id && image.identity.deployment_id === identity.deployment_id;
}

function fitsQuery(image: Image, { name = '*', properties = {} }: ImageQuery): boolean {
  const parts = name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  if (!new RegExp(`^${parts.join('.*')}$`).test(image.name)) return false;
  return Object.entries(properties).every(([key, value]) => image.properties[key] === value);
}

/** The images of an instant cloud: each made in two calls, so that whoever uses them has a step to keep. */
export function instantImages(cloud: CloudWithImages, begin: Begin): ImageStore {
  const make = (spec: ImageSpec, context: ProviderContext, done: boolean): Progress<Image> => {
    const external_id = `image-${spec.identity.deployment_id}-${spec.identity.image_id}`;
    const { name, properties, identity } = spec;
    const created_at_ms = context.clock.now_ms();
    const made = { external_id, name, properties, identity, created_at_ms, size_bytes: 1 };
    const image = cloud.images.get(external_id) ?? made;
    cloud.images.set(external_id, image);
    return done ? { done: true, value: image } : { done: false, step: { image: external_id }, poll_ms: 0 };
  };
  return {
    async find(query, context) {
      begin(context);
      const found = [...cloud.images.values()].filter((image) => fitsQuery(image, query));
      return found.reduce<Image | null>((best, image) => {
        return best === null || image.created_at_ms >= best.created_at_ms ? image : best;
      }, null);
    },
    async snapshot(machine, spec, step, context) {
      begin(context);
      const there = [...cloud.machines.values()].some(({ node_id, deployment_id }) => {
        return node_id === machine.node_id && deployment_id === machine.deployment_id;
      });
      if (!there) throw new ProviderFault('gone', `There is no machine for node ${machine.node_id}.`);
      return make(spec, context, step !== undefined);
    },
    async upload(_file, spec, step, context) {
      begin(context);
      return make(spec, context, step !== undefined);
    },
    async remove({ identity, external_id }, _step, context) {
      begin(context);
      for (const image of [...cloud.images.values()]) {
        if (isOf(image, identity) && (external_id === null || external_id === image.external_id)) {
          cloud.images.delete(image.external_id);
        }
      }
      return { done: true, value: null };
    },
  };
}
