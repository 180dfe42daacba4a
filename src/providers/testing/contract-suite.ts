import { describe, expect, it } from 'vitest';
import { ProviderFault } from '../../base/faults.ts';
import type { Step } from '../contract/calls.ts';
import {
  CONTRACT_DEPLOYMENT,
  type ContractSubject,
  destroyWhole,
  drive,
  faultFrom,
  launchWhole,
  listAll,
  newNodeId,
  refOf,
  testContext,
  testSpec,
  type WithSubject,
} from './contract-calls.ts';
import { imageRules } from './image-suite.ts';

/** The rules of contract.ts, tried on one driver. Every driver's tests call this. */
export function providerContract(title: string, setUp: () => Promise<ContractSubject>): void {
  const withSubject: WithSubject = (work) => async () => {
    const subject = await setUp();
    try {
      await work(subject);
    } finally {
      await subject.close();
    }
  };
  describe(`provider contract: ${title}`, () => {
    lifecycleRules(withSubject);
    crashRules(withSubject);
    ownershipRules(withSubject);
    faultRules(withSubject);
    imageRules(withSubject);
  });
}

function lifecycleRules(withSubject: WithSubject): void {
  it(
    'launches a node, lists it as ours and destroys it without remains',
    withSubject(async (subject) => {
      const provider = subject.provider();
      const spec = testSpec(subject.options);
      const { value: machine } = await launchWhole(provider, spec);
      const found = (await listAll(provider)).filter((resource) => resource.node_id === spec.node_id);
      expect(found.filter((resource) => resource.kind === 'machine')).toEqual([
        {
          kind: 'machine',
          external_id: machine.external_id,
          deployment_id: CONTRACT_DEPLOYMENT,
          node_id: spec.node_id,
          state: 'running',
          takes: provider.amount(spec.options),
        },
      ]);
      expect(await subject.remains(spec.node_id)).not.toEqual([]);
      await destroyWhole(provider, refOf(spec, machine));
      expect(await subject.remains(spec.node_id)).toEqual([]);
      expect((await listAll(provider)).filter((resource) => resource.node_id === spec.node_id)).toEqual([]);
    }),
  );

  it(
    'makes one machine of two launches of the same node, also at the same time',
    withSubject(async (subject) => {
      const spec = testSpec(subject.options);
      const [first, second] = await Promise.all([
        launchWhole(subject.provider(), spec),
        launchWhole(subject.provider(), spec),
      ]);
      const again = await launchWhole(subject.provider(), spec);
      expect(second.value.external_id).toBe(first.value.external_id);
      expect(again.value.external_id).toBe(first.value.external_id);
      const found = (await listAll(subject.provider())).filter((resource) => resource.node_id === spec.node_id);
      expect(found.filter((resource) => resource.kind === 'machine')).toHaveLength(1);
      await destroyWhole(subject.provider(), refOf(spec));
      expect(await subject.remains(spec.node_id)).toEqual([]);
    }),
  );

  it(
    'keeps two nodes apart: destroying one leaves the other running',
    withSubject(async (subject) => {
      const provider = subject.provider();
      const [kept, ended] = [testSpec(subject.options), testSpec(subject.options)];
      await Promise.all([launchWhole(provider, kept), launchWhole(provider, ended)]);
      await destroyWhole(provider, refOf(ended));
      const left = (await listAll(provider)).filter((resource) => resource.kind === 'machine');
      expect(left.map((resource) => [resource.node_id, resource.state])).toEqual([[kept.node_id, 'running']]);
      await destroyWhole(provider, refOf(kept));
    }),
  );

  it(
    'is done at once with a node that never was, and with one that is gone already',
    withSubject(async (subject) => {
      const provider = subject.provider();
      const spec = testSpec(subject.options);
      await destroyWhole(provider, refOf(spec));
      const { value: machine } = await launchWhole(provider, spec);
      await destroyWhole(provider, refOf(spec, machine));
      await destroyWhole(provider, refOf(spec, machine));
      await destroyWhole(provider, { ...refOf(spec), external_id: 'never-was' });
      expect(await subject.remains(spec.node_id)).toEqual([]);
    }),
  );
}

function crashRules(withSubject: WithSubject): void {
  it(
    'resumes a launch from every step, each one also twice, and after a crash before the step was kept',
    withSubject(async (subject) => {
      const { steps } = await launchThenDestroy(subject);
      for (const from of [undefined, ...steps]) {
        const spec = testSpec(subject.options);
        const { value: machine } = await launchWhole(subject.provider(), spec);
        const resumed = await drive((step) => subject.provider().launch(spec, step, testContext()), from);
        expect(resumed.value.external_id).toBe(machine.external_id);
        await destroyWhole(subject.provider(), refOf(spec));
        expect(await subject.remains(spec.node_id)).toEqual([]);
      }
    }),
  );

  it(
    'destroys a node that is only half launched, by its node id alone and by the step of its launch',
    withSubject(async (subject) => {
      const { steps } = await launchThenDestroy(subject);
      for (let calls = 1; calls <= steps.length + 1; calls += 1) {
        for (const kept of [true, false]) {
          const spec = testSpec(subject.options);
          let step: Step | undefined;
          for (let call = 0; call < calls; call += 1) {
            const progress = await subject.provider().launch(spec, step, testContext());
            if (!progress.done) step = progress.step;
          }
          // With what the row kept of its launch, or without when a crash came before.
          await destroyWhole(subject.provider(), refOf(spec), kept ? step : undefined);
          expect(await subject.remains(spec.node_id)).toEqual([]);
        }
      }
    }),
  );

  it(
    'resumes a destroy from every step, each one also twice',
    withSubject(async (subject) => {
      const { destroy_steps } = await launchThenDestroy(subject);
      for (const from of [undefined, ...destroy_steps]) {
        const spec = testSpec(subject.options);
        const { value: machine } = await launchWhole(subject.provider(), spec);
        const ref = refOf(spec, machine);
        await drive((step) => subject.provider().destroy(ref, step, testContext()), from);
        await drive((step) => subject.provider().destroy(ref, step, testContext()), from);
        expect(await subject.remains(spec.node_id)).toEqual([]);
      }
    }),
  );

  it(
    'comes to rest when a destroy arrives while the launch is under way',
    withSubject(async (subject) => {
      const spec = testSpec(subject.options);
      const launching = launchWhole(subject.provider(), spec).catch((error: unknown) => {
        expect(error).toBeInstanceOf(ProviderFault);
      });
      await destroyWhole(subject.provider(), refOf(spec));
      await launching;
      // The launch may have come second; the core then sees it in the list and destroys it again.
      await destroyWhole(subject.provider(), refOf(spec));
      expect(await subject.remains(spec.node_id)).toEqual([]);
    }),
  );
}

async function launchThenDestroy(subject: ContractSubject): Promise<{ steps: Step[]; destroy_steps: Step[] }> {
  const spec = testSpec(subject.options);
  const { value: machine, steps } = await launchWhole(subject.provider(), spec);
  return { steps, destroy_steps: await destroyWhole(subject.provider(), refOf(spec, machine)) };
}

function ownershipRules(withSubject: WithSubject): void {
  it(
    'lists strangers and never touches them',
    withSubject(async (subject) => {
      const provider = subject.provider();
      const stranger = await subject.addStranger();
      const listed = (await listAll(provider)).find((resource) => resource.external_id === stranger.external_id);
      expect(listed).toMatchObject({ deployment_id: stranger.deployment_id, node_id: stranger.node_id });
      expect(listed?.deployment_id).not.toBe(CONTRACT_DEPLOYMENT);
      await destroyWhole(provider, {
        kind: 'machine',
        node_id: stranger.node_id ?? newNodeId(),
        deployment_id: CONTRACT_DEPLOYMENT,
        external_id: stranger.external_id,
      });
      const after = (await listAll(provider)).find((resource) => resource.external_id === stranger.external_id);
      expect(after).toEqual(listed);
    }),
  );
}

function faultRules(withSubject: WithSubject): void {
  it(
    'throws only faults: a call that was cancelled, a console that is gone',
    withSubject(async (subject) => {
      const provider = subject.provider();
      const spec = testSpec(subject.options);
      const cancelled = testContext(AbortSignal.abort(new Error('the test cancelled it')));
      await faultFrom(provider.launch(spec, undefined, cancelled));
      await faultFrom(provider.destroy(refOf(spec), undefined, cancelled));
      await faultFrom(provider.list(cancelled)[Symbol.asyncIterator]().next());
      await faultFrom(provider.limits(cancelled));
      if (provider.consoleLog !== undefined) {
        expect((await faultFrom(provider.consoleLog(refOf(spec), testContext()))).fault).toBe('gone');
      }
      expect(await subject.remains(spec.node_id)).toEqual([]);
    }),
  );

  it(
    'names the class of every fault that the driver knows of',
    withSubject(async (subject) => {
      for (const { title, provider, fault } of subject.faults ?? []) {
        const spec = testSpec(subject.options);
        const thrown = await faultFrom(launchWhole(provider(), spec));
        expect(thrown.fault, title).toBe(fault);
        await destroyWhole(subject.provider(), refOf(spec));
        expect(await subject.remains(spec.node_id), title).toEqual([]);
      }
    }),
  );

  it(
    'tells its limits and, where it can, what the machine printed',
    withSubject(async (subject) => {
      const provider = subject.provider();
      const limits = await provider.limits(testContext());
      for (const value of Object.values(limits)) expect(value).toBeGreaterThanOrEqual(0);
      const takes = provider.amount(subject.options);
      expect(takes.nodes).toBe(1);
      for (const value of Object.values(takes)) expect(value).toBeGreaterThanOrEqual(0);
      expect(provider.can.console_log).toBe(provider.consoleLog !== undefined);
      expect(provider.can.images).toBe(provider.images !== undefined);
      const spec = testSpec(subject.options);
      const { value: machine } = await launchWhole(provider, spec);
      if (provider.consoleLog !== undefined) {
        expect(typeof (await provider.consoleLog(refOf(spec, machine), testContext()))).toBe('string');
      }
      await destroyWhole(provider, refOf(spec, machine));
    }),
  );
}
