import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import type { NodeId } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { systemRandom } from '../../base/random.ts';
import { type DriveContext, driveBatches, driveNode } from '../../nodes/effects.ts';
import { dueNodes } from '../../nodes/store/drive.ts';
import { agreeLeaks } from '../../nodes/store/leaks.ts';
import { moveNode } from '../../nodes/store/move.ts';
import { lookAtProvider } from '../../nodes/sweep.ts';
import type { Provider } from '../../providers/contract.ts';
import { createRequest } from '../../requests/store/life.ts';
import { takeLease } from '../../store/leases.ts';
import { inAnyState } from '../../store/testing/states.ts';
import type { Services } from '../services.ts';
import { configOf, type FleetWorld, fleetWorld, idsOf, nodeType, providerOf } from '../testing/fleet-world.ts';
import { startFleet } from './fleet.ts';
import { planTurn } from './planner.ts';
import { prune } from './prune.ts';

let world: FleetWorld | null = null;
const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const role of running.splice(0)) await world?.during(role.stop());
  await world?.close();
  world = null;
});

function start(services: Services): { stop(): Promise<void> } {
  const role = startFleet(services);
  running.push(role);
  return role;
}

/** Drives by hand, as one process that owns the provider. */
async function ownerOf(at: FleetWorld, name: string, holder: string): Promise<DriveContext> {
  const taken = await takeLease(at.database.db, `provider:${name}`, holder, 60_000);
  const lease = { name: `provider:${name}`, holder, epoch: taken?.epoch ?? -1 };
  return {
    clock: at.clock,
    random: systemRandom,
    log: silentLog,
    rows: at.services.fleet_rows,
    provider: at.services.providers().get(name) as Provider,
    lease,
    batches: driveBatches(at.services.fleet_rows, lease),
    deployment_id: at.services.deployment.id,
    server_url: 'unix:/nonexistent',
    tokens: new Map(),
    wakePlanner: () => undefined,
  };
}

async function driveAll(context: DriveContext, name: string): Promise<void> {
  for (const node of await context.rows.dueNodes(name, 100)) await driveNode(context, node);
}

test('a label is filled over both providers, refilled after use, and every move has its reason', async () => {
  const providers = { a: providerOf([nodeType(['jammy', 'x86_64'])]), b: providerOf([nodeType(['jammy', 'x86_64'])]) };
  world = await fleetWorld({ config: configOf({ jammy: 3 }, providers) });
  const at = world;
  start(at.services);
  await at.until(async () => (await at.nodes(['ready'])).length === 3, 'three nodes are ready');
  const ready = await at.nodes(['ready']);
  expect(ready.map((node) => node.provider).sort()).toEqual(['a', 'a', 'b']);
  expect(ready.map((node) => node.plan_reason).sort()[0]).toBe(
    'jammy below its target (0 of 3); a has no other ready or coming',
  );
  const used = ready[0]?.id as NodeId;
  await sql`update nodes set state = 'deleting', version = version + 1 where id = ${used}`.execute(at.database.db);
  await at.until(async () => (await at.nodes(['deleted'])).length === 1, 'the used one is deleted');
  await at.until(async () => (await at.nodes(['ready'])).length === 3, 'there are three again');
  const machines = [...at.clouds.values()].reduce((sum, cloud) => sum + cloud.machines.size, 0);
  expect(machines).toBe(3);
});

test('two fleet processes together launch exactly what is wanted', async () => {
  const providers = { a: providerOf([nodeType(['jammy'])], 4), b: providerOf([nodeType(['jammy'])], 3) };
  world = await fleetWorld({ config: configOf({ jammy: 10 }, providers) });
  const at = world;
  start(at.services);
  start(await at.another());
  await at.until(async () => (await at.nodes(['ready'])).length === 7, 'both providers are full');
  await at.pass(1_000);
  expect(await planTurn(at.services)).toMatchObject({ actions: 0 });
  expect((await at.nodes()).length).toBe(7);
  expect(at.clouds.get('a')?.calls.launch).toBe(4);
  expect(at.clouds.get('b')?.calls.launch).toBe(3);
});

test('the owner of a provider stops in the middle: the next one goes on and nothing is doubled', async () => {
  const config = configOf({ jammy: 5 }, { a: providerOf([nodeType(['jammy'])]) });
  world = await fleetWorld({ config, provider: () => ({ steps: 3, poll_ms: 30 }) });
  const at = world;
  const first = start(at.services);
  await at.until(async () => (at.clouds.get('a')?.machines.size ?? 0) >= 2, 'the first began');
  await at.during(first.stop());
  start(await at.another());
  await at.until(async () => (await at.nodes(['ready'])).length === 5, 'the second ended it');
  expect(at.clouds.get('a')?.machines.size).toBe(5);
  expect((await at.nodes()).length).toBe(5);
});

test('a stalled process that lost its lease changes nothing, on either side of a call', async () => {
  world = await fleetWorld({ config: configOf({ jammy: 1 }, { a: providerOf([nodeType(['jammy'])]) }), agents: false });
  const at = world;
  const { db } = at.database;
  await planTurn(at.services);
  const stalled = await ownerOf(at, 'a', 'first');
  const [picture] = await dueNodes(db, 'a', 10);
  await sql`update leases set expires_at = groundcrew_now() - interval '1 s'`.execute(db);
  const next = await ownerOf(at, 'a', 'second');
  expect(next.lease.epoch).toBeGreaterThan(stalled.lease.epoch);
  // Before the call: the claim is refused, and the cloud is not asked.
  await driveNode(stalled, picture as NonNullable<typeof picture>);
  expect(at.clouds.get('a')?.calls.launch).toBe(0);
  await driveAll(next, 'a');
  expect((await at.nodes(['booting'])).length).toBe(1);
});

test('an answer that comes after somebody else claimed the node is not written', async () => {
  world = await fleetWorld({ config: configOf({ jammy: 1 }, { a: providerOf([nodeType(['jammy'])]) }), agents: false });
  const at = world;
  const { db } = at.database;
  await planTurn(at.services);
  const slow = await ownerOf(at, 'a', 'first');
  const real = slow.provider;
  const stalling: Provider = {
    ...real,
    async launch(spec, step, call) {
      const done = await real.launch(spec, step, call);
      // While this one stalls: the lease moves on, and the node ends.
      await sql`update leases set expires_at = groundcrew_now() - interval '1 s'`.execute(db);
      await sql`update nodes set state = 'deleting', version = version + 1, next_step_at = null`.execute(db);
      await driveAll(await ownerOf(at, 'a', 'second'), 'a');
      return done;
    },
  };
  await driveAll({ ...slow, provider: stalling }, 'a');
  const [node] = await at.nodes(['deleted']);
  expect(node?.state).toBe('deleted');
  expect(at.clouds.get('a')?.machines.size).toBe(0);
});

test('a crash between the create and its row ends with one node and one machine, and its agent may report', async () => {
  world = await fleetWorld({ config: configOf({ jammy: 1 }, { a: providerOf([nodeType(['jammy'])]) }) });
  const at = world;
  const { db } = at.database;
  await planTurn(at.services);
  const dying = await ownerOf(at, 'a', 'first');
  // As SIGKILL leaves it: the claim and the machine are there, nothing of the answer is.
  const killed: Provider = {
    ...dying.provider,
    async launch(spec, step, call) {
      await dying.provider.launch(spec, step, call);
      return await new Promise<never>(() => undefined);
    },
  };
  void driveAll({ ...dying, provider: killed }, 'a');
  await at.until(() => at.clouds.get('a')?.machines.size === 1, 'the machine is made');
  start(await at.another());
  await sql`update leases set expires_at = groundcrew_now() - interval '1 s'`.execute(db);
  await at.until(async () => (await at.nodes(['ready'])).length === 1, 'the node is ready');
  expect((await at.nodes()).length).toBe(1);
  expect(at.clouds.get('a')?.machines.size).toBe(1);
});

test('an image that always fails is probed, not stormed', async () => {
  const config = configOf({ jammy: 20 }, { a: providerOf([nodeType(['jammy'])]) });
  world = await fleetWorld({ config, agents: false });
  const at = world;
  const cloud = at.clouds.get('a');
  cloud?.faults.push({ on: 'launch', fault: 'config', message: 'no such image', times: 10_000 });
  start(at.services);
  await at.until(async () => (await at.nodes(['deleted'])).length === 20, 'all of the first generation ended');
  const calls = cloud?.calls.launch ?? 0;
  const { rows } = await sql<{ left_ms: number }>`
    select extract(epoch from retry_at - groundcrew_now())::float8 * 1000 as left_ms from pool_status`.execute(
    at.database.db,
  );
  expect(rows[0]?.left_ms).toBeGreaterThan(1_500);
  await at.pass(1_000);
  expect((await planTurn(at.services)).actions).toBe(0);
  expect((cloud?.calls.launch ?? 0) - calls).toBe(0);
  const [node] = await at.nodes(['deleted']);
  expect(node?.end_reason).toBe('a did not launch it: no such image');
  expect(node?.fault).toBe('config');
});

test('a provider that hangs holds up no other', async () => {
  const providers = { slow: providerOf([nodeType(['jammy'])]), quick: providerOf([nodeType(['noble'])]) };
  const hang = new Promise<never>(() => undefined);
  world = await fleetWorld({
    config: configOf({ jammy: 2, noble: 2 }, providers),
    wrap: (provider) =>
      provider.name === 'slow' ? { ...provider, launch: () => hang, list: () => neverEnding(hang) } : provider,
  });
  const at = world;
  start(at.services);
  await at.until(async () => (await at.nodes(['ready'])).length === 2, 'the other one is ready');
  expect((await at.nodes(['ready'])).map((node) => node.provider)).toEqual(['quick', 'quick']);
  await at.until(async () => (await at.nodes(['launching'])).length === 2, 'the slow one is asked for its own');
  expect((await at.nodes(['ready'])).length).toBe(2);
});

async function* neverEnding(hang: Promise<never>): AsyncGenerator<never> {
  yield await hang;
}

test('at the limit one idle node of another label is evicted for one waiting request', async () => {
  const types = [nodeType(['jammy']), nodeType(['noble'])];
  world = await fleetWorld({ config: configOf({ jammy: 3 }, { a: providerOf(types, 3) }) });
  const at = world;
  start(at.services);
  await at.until(async () => (await at.nodes(['ready'])).length === 3, 'three jammy nodes are ready');
  await at.database.db.transaction().execute((tx) => createRequest(tx, { expressions: ['noble'], requester: 'test' }));
  const noble = async () => (await at.nodes(['ready'])).filter((node) => node.labels.includes('noble'));
  await at.until(async () => (await noble()).length === 1, 'a noble node is ready');
  const ended = await at.nodes(['deleted']);
  expect(ended.map((node) => node.end_reason)).toEqual([
    'r-1 waits for noble and a is at its limit; this node was idle',
  ]);
  expect((await at.nodes()).length).toBe(3);
});

test('a node whose machine stopped is replaced when that was seen for a while, not when it runs again', async () => {
  world = await fleetWorld({ config: configOf({ jammy: 2 }, { a: providerOf([nodeType(['jammy'])]) }) });
  const at = world;
  await planTurn(at.services);
  const owner = await ownerOf(at, 'a', 'first');
  await driveAll(owner, 'a');
  await at.until(async () => (await at.nodes(['ready'])).length === 2, 'the nodes are ready');
  const machines = [...(at.clouds.get('a')?.machines.values() ?? [])];
  const lookLater = async (): Promise<void> => {
    await lookAtProvider(owner, false);
    const { db } = at.database;
    await sql`update nodes set machine_stopped_since = machine_stopped_since - interval '15 s'`.execute(db);
    await sql`update provider_status set listed_at = listed_at - interval '15 s'`.execute(db);
    await sql`update nodes set agent_seen_alive_ms = (select alive_ms from alive_clock) - 15000`.execute(db);
  };
  for (const machine of machines) machine.state = 'stopped';
  await lookLater();
  await planTurn(at.services);
  expect((await at.nodes(['ready'])).length).toBe(2);
  const [back, ended] = machines;
  if (back) back.state = 'running';
  await lookLater();
  await planTurn(at.services);
  expect((await at.nodes(['ready'])).map(({ id }) => id)).toEqual([back?.node_id]);
  const [row] = await at.nodes(['deleting']);
  expect(row?.id).toBe(ended?.node_id);
  expect(row?.end_reason).toMatch(/^a has called its machine stopped for /);
});

test('a leak is destroyed when seen twice a minute apart, strangers and live machines never', async () => {
  world = await fleetWorld({ config: configOf({ jammy: 1 }, { a: providerOf([nodeType(['jammy'])]) }) });
  const at = world;
  const { db } = at.database;
  const cloud = at.clouds.get('a');
  await planTurn(at.services);
  const owner = await ownerOf(at, 'a', 'first');
  await driveAll(owner, 'a');
  await at.until(async () => (await at.nodes(['ready'])).length === 1, 'the node is ready');
  const [node] = await at.nodes();
  const { id: deployment_id } = at.services.deployment;
  const leaked = cloud?.addMachine({ deployment_id, node_id: 'n-00000000' as NodeId }) ?? '';
  const twin = cloud?.addMachine({ deployment_id, node_id: node?.id ?? null }) ?? '';
  const stranger = cloud?.addMachine({ deployment_id: 'somebody', node_id: node?.id ?? null }) ?? '';
  const look = async (): Promise<string[]> => {
    await lookAtProvider(owner, false);
    return [...(cloud?.machines.keys() ?? [])].filter((id) => [leaked, twin, stranger].includes(id));
  };
  expect(await look()).toEqual([leaked, twin, stranger]);
  expect(await look()).toEqual([leaked, twin, stranger]);
  await sql`update leaks set first_seen_at = first_seen_at - interval '61 s'`.execute(db);
  expect(await look()).toEqual([stranger]);
  expect(cloud?.machines.size).toBe(2);
  expect((await at.nodes(['ready'])).length).toBe(1);
});

test('the fuse: a database that knows none of the machines destroys none of them', async () => {
  world = await fleetWorld({ config: configOf({}, { a: providerOf([nodeType(['jammy'])]) }) });
  const at = world;
  const cloud = at.clouds.get('a');
  const { id: deployment_id } = at.services.deployment;
  for (let count = 0; count < 8; count++) {
    cloud?.addMachine({ deployment_id, node_id: `n-0000000${count}` as NodeId });
  }
  const owner = await ownerOf(at, 'a', 'first');
  await lookAtProvider(owner, false);
  await sql`update leaks set first_seen_at = first_seen_at - interval '61 s'`.execute(at.database.db);
  const plan = await lookAtProvider(owner, false);
  expect(plan?.alarm).toContain('8 of 8 machines at a have no row here');
  expect(cloud?.machines.size).toBe(8);
  // What an admin agreed to goes, though the fuse holds back the others.
  const agreed = [...(cloud?.machines.keys() ?? [])].slice(0, 3);
  await at.services.connection.db.transaction().execute((tx) => agreeLeaks(tx, 'a', agreed, 'maria'));
  expect((await lookAtProvider(owner, false))?.alarm).toContain('5 of 8');
  expect([...(cloud?.machines.keys() ?? [])].filter((id) => agreed.includes(id))).toEqual([]);
  expect(cloud?.machines.size).toBe(5);
});

test('a deployment that only observes touches nothing', async () => {
  world = await fleetWorld({ config: configOf({ jammy: 2 }, { a: providerOf([nodeType(['jammy'])]) }) });
  const at = world;
  await sql`update deployment set observing = true`.execute(at.database.db);
  start(at.services);
  await at.until(() => (at.clouds.get('a')?.calls.list ?? 0) > 0, 'it has looked');
  await at.pass(1_000);
  expect(await planTurn(at.services)).toMatchObject({ observing: true, actions: 0 });
  expect(await at.nodes()).toEqual([]);
  expect(at.clouds.get('a')?.calls.launch).toBe(0);
});

test('nodes that were deleted long ago are forgotten with their events; one that a hold names keeps its row', async () => {
  world = await fleetWorld({ config: configOf({ jammy: 3 }, { a: providerOf([nodeType(['jammy'])]) }), agents: false });
  const at = world;
  const { db } = at.database;
  await planTurn(at.services);
  const [, named, recent] = idsOf(await at.nodes());
  await inAnyState(db, (tx) =>
    sql`update nodes set state = 'deleted', deleted_at = groundcrew_now() - interval '15 days'
    where id <> ${recent}`.execute(tx),
  );
  await inAnyState(db, (tx) =>
    sql`update nodes set state = 'deleted', deleted_at = groundcrew_now() where id = ${recent}`.execute(tx),
  );
  await sql`insert into holds (node_id, owner, reason, expires_at) values (${named}, 'maria', 'evidence',
    groundcrew_now())`.execute(db);
  await prune(at.services);
  expect(idsOf(await at.nodes(['deleted']))).toEqual([named, recent]);
  const { rows } = await sql<{ node_id: NodeId }>`select distinct node_id from node_events`.execute(db);
  expect(rows.map((row) => row.node_id)).toEqual([recent]);
});

test('what is deleted half launched is destroyed from the step that its launch had reached', async () => {
  const calls: [string, unknown][] = [];
  world = await fleetWorld({
    config: configOf({ jammy: 1 }, { a: providerOf([nodeType(['jammy'])]) }),
    agents: false,
    provider: () => ({ steps: 2, onDestroyCall: (ref, step) => calls.push([`${ref.kind} ${ref.external_id}`, step]) }),
  });
  const at = world;
  await planTurn(at.services);
  const owner = await ownerOf(at, 'a', 'first');
  await driveAll(owner, 'a');
  const [node] = await at.nodes(['launching']);
  await sql`update nodes set next_step_at = null`.execute(at.database.db);
  const move = { id: node?.id as NodeId, to: 'deleting', reason: 'a test', actor: 'test' } as const;
  await moveNode(at.database.db, move);
  for (let turn = 0; turn < 3; turn++) await driveAll(owner, 'a');
  expect(calls).toEqual([
    ['machine null', { work: 'launch', remaining: 1 }],
    ['machine null', { work: 'destroy', remaining: 1 }],
    ['machine null', { work: 'destroy', remaining: 0 }],
  ]);
  expect((await at.nodes(['deleted'])).map(({ id }) => id)).toEqual([node?.id]);
});

test('a leak whose destruction takes several calls goes on from its step, whoever makes the next; kinds are told apart', async () => {
  const calls: string[] = [];
  world = await fleetWorld({
    config: configOf({}, { a: providerOf([nodeType(['jammy'])]) }),
    provider: () => ({
      steps: 2,
      onDestroyCall: (ref, step) => calls.push(`${ref.kind} ${ref.external_id} ${step?.remaining ?? 'anew'}`),
    }),
  });
  const at = world;
  const { db } = at.database;
  const cloud = at.clouds.get('a');
  const ours = { deployment_id: at.services.deployment.id, node_id: 'n-00000000' as NodeId };
  const volume = cloud?.addMachine({ ...ours, kind: 'volume', takes: { volumes: 1, volume_bytes: 2 ** 30 } }) ?? '';
  // Noted for a machine of the same name, which was gone long ago.
  await sql`insert into leaks (provider, kind, external_id, reason, destroyed_at)
    values ('a', 'machine', ${volume}, 'a test', groundcrew_now())`.execute(db);
  const first = await ownerOf(at, 'a', 'first');
  await lookAtProvider(first, false);
  const { rows } = await sql`select leaked, leaks_take from provider_status`.execute(db);
  expect(rows).toEqual([{ leaked: 0, leaks_take: { volumes: 1, volume_bytes: 2 ** 30 } }]);
  await sql`update leaks set first_seen_at = first_seen_at - interval '61 s'`.execute(db);
  await lookAtProvider(first, false);
  await sql`update leases set expires_at = groundcrew_now()`.execute(db);
  const second = await ownerOf(at, 'a', 'second');
  for (let look = 0; look < 2; look++) await lookAtProvider(second, false);
  expect(calls).toEqual([`volume ${volume} anew`, `volume ${volume} 1`, `volume ${volume} 0`]);
  expect(cloud?.machines.size).toBe(0);
  const { rows: leaks } = await sql`
    select kind, step, destroyed_at is not null as gone from leaks order by kind`.execute(db);
  expect(leaks).toEqual([
    { kind: 'machine', step: null, gone: true },
    { kind: 'volume', step: null, gone: true },
  ]);
});
