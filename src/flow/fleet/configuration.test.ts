import { afterEach, expect, test } from 'vitest';
import { createLog } from '../../base/log.ts';
import { createRequest } from '../../requests/store/life.ts';
import { joinSharedLease, leaveSharedLease, renewSharedLease, sharedLeaseValue } from '../../store/shared-leases.ts';
import { startAllocator } from '../allocate/allocate.ts';
import { explainRequest } from '../explain/explain.ts';
import type { Services } from '../services.ts';
import { submit } from '../submit/submit.ts';
import { configOf, type FleetWorld, fleetWorld, nodeType, providerOf } from '../testing/fleet-world.ts';
import { SUBMIT } from '../testing/runs.ts';
import { configurationHash, OTHER_CONFIGURATION } from './configuration.ts';
import { startFleet } from './fleet.ts';

let world: FleetWorld | null = null;
const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const role of running.splice(0)) await world?.during(role.stop());
  await world?.close();
  world = null;
});

const ONE = configOf({ jammy: 1 }, { one: providerOf([nodeType(['jammy'])]) });
const TWO = configOf({ noble: 1 }, { two: providerOf([nodeType(['noble'])]) });

function startBoth(services: Services): { stop(): Promise<void> } {
  const roles = [startFleet(services), startAllocator(services)];
  const both = { stop: async () => void (await Promise.all(roles.map((role) => role.stop()))) };
  running.push(both);
  return both;
}

test('a configuration is the same in any order, and another one when anything of its nodes differs', () => {
  const { labels, providers, ...rest } = ONE;
  expect(configurationHash({ ...rest, providers, labels })).toBe(configurationHash(ONE));
  expect(configurationHash({ ...ONE, holds: [{ on: 'failure', project: '*', for_ms: 1, at_most: 1 }] })).toBe(
    configurationHash(ONE),
  );
  const others = [
    TWO,
    configOf({ jammy: 2 }, ONE.providers as Parameters<typeof configOf>[1]),
    configOf({ jammy: 1 }, { one: providerOf([nodeType(['jammy'])], 3) }),
    configOf({ jammy: 1 }, { one: providerOf([nodeType(['jammy'], { boot_timeout_ms: 1 })]) }),
    { ...ONE, blobs: { directory: 'elsewhere' } },
  ];
  expect(new Set([ONE, ...others].map(configurationHash)).size).toBe(others.length + 1);
});

test('a lease is shared by those with the same value, and another value waits until the last of them is gone', async () => {
  world = await fleetWorld({ config: ONE });
  const { db } = world.database;
  const join = (member: string, value: string, ttl_ms = 60_000) => joinSharedLease(db, 'it', member, value, ttl_ms);
  const both = await Promise.all([join('a', 'old'), join('b', 'new')]);
  expect(both.filter((joined) => joined)).toHaveLength(1);
  for (const member of ['a', 'b']) await leaveSharedLease(db, 'it', member);

  expect(await sharedLeaseValue(db, 'it')).toBeNull();
  expect([await join('a', 'old'), await join('b', 'old'), await join('c', 'new')]).toEqual([true, true, false]);
  await leaveSharedLease(db, 'it', 'a');
  expect(await join('c', 'new')).toBe(false);
  // One that changes its own mind gives up what it held.
  expect(await join('b', 'new')).toBe(true);
  expect([await join('a', 'old'), await join('c', 'new')]).toEqual([false, true]);
  await leaveSharedLease(db, 'it', 'b');
  // A member that was killed is gone when its time is over.
  expect(await join('c', 'new', -1)).toBe(true);
  expect(await sharedLeaseValue(db, 'it')).toBeNull();
  expect(await join('a', 'old')).toBe(true);
  expect(await sharedLeaseValue(db, 'it')).toBe('old');
  const renew = (member: string, value: string, ttl_ms = 60_000) => renewSharedLease(db, 'it', member, value, ttl_ms);
  expect([await renew('a', 'new'), await renew('c', 'old'), await renew('a', 'old', -1)]).toEqual([false, false, true]);
  // What has lapsed is joined anew, or not at all.
  expect(await renew('a', 'old')).toBe(false);
});

test('of two servers with different configurations the second waits, says so, and follows when the first has ended', async () => {
  world = await fleetWorld({ config: ONE });
  const at = world;
  const first = startBoth(at.services);
  await at.until(async () => (await at.nodes(['ready'])).length === 1, 'the first fills its label');
  const lines: string[] = [];
  const log = createLog('info', { write: (line: string) => void lines.push(line) });
  const waiting = { ...(await at.another(TWO)), log };
  startBoth(waiting);
  await at.until(() => lines.some((line) => line.includes(OTHER_CONFIGURATION)), 'the second says that it waits');

  // Asked at the second: what its configuration does not have is the first one's to judge.
  const job = { name: 'main', environment: 'default', expression: 'jammy', retries: 0, after: [], hold: null };
  const spec = { steps: [], checkout: null, results: [], artifacts: [], timeout_ms: 1000, env: {} };
  const plan = { project: 'acme/widget', build: '1', jobs: [{ ...job, spec }] } as unknown as Parameters<
    typeof submit
  >[1];
  expect((await submit(waiting, plan, SUBMIT)).impossible).toEqual([]);
  await at.until(async () => (await at.nodes(['assigned'])).length === 1, 'the first serves it');
  const request = { expressions: ['noble'], requester: 'maria', priority: 0, run_id: null };
  const id = await at.database.db.transaction().execute((tx) => createRequest(tx, request));
  const told = await explainRequest(waiting, id);
  expect(told.sentence).toContain(OTHER_CONFIGURATION);
  expect(told.data).toMatchObject({ impossible: null });
  expect((await explainRequest(at.services, id)).data).toMatchObject({ impossible: expect.any(String) });
  expect((await at.nodes()).filter((node) => node.provider === 'two' || node.state === 'deleted')).toEqual([]);
  expect(at.clouds.get('two')?.calls.launch).toBe(0);

  await at.during(first.stop());
  await at.until(
    async () => (await at.nodes(['assigned', 'ready'])).some((node) => node.provider === 'two'),
    'it follows',
  );
  expect(lines.filter((line) => line.includes(OTHER_CONFIGURATION))).toHaveLength(2);
});
