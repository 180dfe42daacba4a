import { expect, it } from 'vitest';
import { FAULT_CLASSES } from '../../base/faults.ts';
import {
  CONTRACT_DEPLOYMENT,
  destroyWhole,
  launchWhole,
  newNodeId,
  refOf,
  testContext,
  testSpec,
} from './contract-calls.ts';
import { providerContract } from './contract-suite.ts';
import { createInstantCloud, createInstantProvider, type InstantOptions } from './instant.ts';

async function subject(options: InstantOptions) {
  const cloud = createInstantCloud();
  return {
    provider: () => createInstantProvider('instant', { ...options, cloud }),
    options: {},
    async addStranger() {
      const stranger = { deployment_id: 'somebody-else', node_id: newNodeId() };
      return { ...stranger, external_id: cloud.addMachine(stranger) };
    },
    remains: async (node_id: string) =>
      [...cloud.machines.values()]
        .filter((machine) => machine.node_id === node_id)
        .map((machine) => machine.external_id),
    close: async () => {},
    faults: FAULT_CLASSES.map((fault) => ({
      title: fault,
      fault,
      provider: () => {
        cloud.faults.push({ on: 'launch', fault });
        return createInstantProvider('instant', { ...options, cloud });
      },
    })),
  };
}

providerContract('instant, done at once', () => subject({}));
providerContract('instant, in three steps', () => subject({ steps: 3 }));

it('does the work and loses the answer when the script says so, and the next call finds it done', async () => {
  const cloud = createInstantCloud();
  const launched: string[] = [];
  const provider = createInstantProvider('instant', {
    cloud,
    onLaunch: (machine) => launched.push(machine.external_id),
  });
  cloud.faults.push({ on: 'launch', when: 'after', fault: 'transient', times: 2 });
  const spec = testSpec({});
  for (let time = 0; time < 2; time += 1) {
    await expect(provider.launch(spec, undefined, testContext())).rejects.toMatchObject({ fault: 'transient' });
  }
  expect((await launchWhole(provider, spec)).value.external_id).toBe(launched[0]);
  expect(launched).toHaveLength(1);
  expect(cloud.faults).toEqual([]);
  expect(cloud.calls.launch).toBe(3);
});

it('destroys the machine that is named, and all of the node when none is; tells once of each', async () => {
  const cloud = createInstantCloud();
  const ended: string[] = [];
  const provider = createInstantProvider('instant', { cloud, onDestroy: (machine) => ended.push(machine.external_id) });
  const spec = testSpec({});
  const { value: machine } = await launchWhole(provider, spec);
  const twin = cloud.addMachine({ deployment_id: CONTRACT_DEPLOYMENT, node_id: spec.node_id });
  await destroyWhole(provider, { ...refOf(spec), external_id: twin });
  expect(ended).toEqual([twin]);
  const other = cloud.addMachine({ deployment_id: CONTRACT_DEPLOYMENT, node_id: spec.node_id });
  await destroyWhole(provider, refOf(spec));
  expect(ended).toEqual([twin, machine.external_id, other]);
});
