import { expect, it } from 'vitest';
import { ProviderFault } from '../../base/faults.ts';
import { randomName, systemRandom } from '../../base/random.ts';
import type { ResourceRef, Step } from '../contract/calls.ts';
import type { ImageSpec, ImageStore } from '../contract/images.ts';
import type { Provider } from '../contract.ts';
import {
  CONTRACT_DEPLOYMENT,
  type ContractSubject,
  destroyWhole,
  drive,
  launchWhole,
  refOf,
  testContext,
  testSpec,
  type WithSubject,
} from './contract-calls.ts';

function newImage(properties: Record<string, string> = {}): ImageSpec {
  const image_id = `i-${randomName(systemRandom, 8)}`;
  const identity = { deployment_id: CONTRACT_DEPLOYMENT, image_id };
  return { identity, name: `contract ${image_id}`, properties: { ...properties, recipe: image_id } };
}

async function withMachine(
  subject: ContractSubject,
  work: (images: ImageStore, machine: ResourceRef, again: () => ImageStore) => Promise<void>,
): Promise<void> {
  const provider = subject.provider();
  // A driver without images says so, and has nothing to try here.
  expect(provider.can.images).toBe(provider.images !== undefined);
  if (provider.images === undefined) return;
  const spec = testSpec(subject.options);
  const { value } = await launchWhole(provider, spec);
  const storeOf = (of: Provider): ImageStore => of.images as ImageStore;
  await work(provider.images, refOf(spec, value), () => storeOf(subject.provider()));
  await destroyWhole(provider, refOf(spec, value));
}

const snapshotOf = (store: () => ImageStore, machine: ResourceRef, spec: ImageSpec, from?: Step) =>
  drive((step) => store().snapshot(machine, spec, step, testContext()), from);

const removeWhole = (store: ImageStore, spec: ImageSpec) =>
  drive((step) => store.remove({ identity: spec.identity, external_id: null }, step, testContext()));

/** The rules of images, for drivers that have them. */
export function imageRules(withSubject: WithSubject): void {
  it(
    'where it has images: a snapshot is found by name and properties until it is removed, others stay',
    withSubject(async (subject) => {
      await withMachine(subject, async (images, machine, again) => {
        const [first, second] = [newImage({ kind: 'test' }), newImage({ kind: 'test' })];
        const { value: made } = await snapshotOf(again, machine, first);
        expect(made).toMatchObject({ name: first.name, identity: first.identity, properties: first.properties });
        const { value: other } = await snapshotOf(again, machine, second);
        expect(other.external_id).not.toBe(made.external_id);
        expect((await images.find({ name: first.name }, testContext()))?.external_id).toBe(made.external_id);
        const recipe = { recipe: first.identity.image_id };
        expect((await images.find({ properties: recipe }, testContext()))?.external_id).toBe(made.external_id);
        // The newest of those that fit.
        const newest = await images.find({ name: 'contract i-*', properties: { kind: 'test' } }, testContext());
        expect(newest?.external_id).toBe(other.external_id);
        await removeWhole(images, first);
        await removeWhole(images, first);
        expect(await images.find({ name: first.name }, testContext())).toBeNull();
        expect((await images.find({ name: second.name }, testContext()))?.external_id).toBe(other.external_id);
        await removeWhole(images, second);
      });
    }),
  );

  it(
    'where it has images: two snapshots of one identity are one image, resumed from every step',
    withSubject(async (subject) => {
      await withMachine(subject, async (images, machine, again) => {
        const spec = newImage();
        const { value: made, steps } = await snapshotOf(again, machine, spec);
        for (const from of [undefined, ...steps]) {
          expect((await snapshotOf(again, machine, spec, from)).value.external_id).toBe(made.external_id);
        }
        await removeWhole(images, { ...spec, identity: { ...spec.identity, deployment_id: 'somebody-else' } });
        expect((await images.find({ name: spec.name }, testContext()))?.external_id).toBe(made.external_id);
        await removeWhole(images, spec);
        expect(await images.find({ name: spec.name }, testContext())).toBeNull();
      });
    }),
  );

  it(
    'where it has images: only faults are thrown, for a machine that is gone and a call that was cancelled',
    withSubject(async (subject) => {
      await withMachine(subject, async (images, machine) => {
        const cancelled = testContext(AbortSignal.abort(new Error('the test cancelled it')));
        const nobody = { ...machine, node_id: testSpec({}).node_id, external_id: null };
        const gone = await images
          .snapshot(nobody, newImage(), undefined, testContext())
          .catch((error: unknown) => error);
        expect(gone).toBeInstanceOf(ProviderFault);
        expect((gone as ProviderFault).fault).toBe('gone');
        await expect(images.find({ name: 'x' }, cancelled)).rejects.toBeInstanceOf(ProviderFault);
        await expect(images.snapshot(machine, newImage(), undefined, cancelled)).rejects.toBeInstanceOf(ProviderFault);
      });
    }),
  );
}
