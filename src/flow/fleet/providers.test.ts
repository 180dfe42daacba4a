// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what people write in the file.

import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { silentLog } from '../../base/log.ts';
import { readConfig } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { createInstantCloud, createInstantProvider, type InstantCloud } from '../../providers/testing/instant.ts';
import { instantDriver } from '../../providers/testing/instant-driver.ts';
import { rereadProvider } from '../../server/providers.ts';
import type { Services } from '../services.ts';
import { bringUp, configOf, type FleetWorld, fleetWorld } from '../testing/fleet-world.ts';
import { startFleet } from './fleet.ts';
import { Providers } from './providers.ts';

let world: FleetWorld | null = null;
const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const role of running.splice(0)) await world?.during(role.stop());
  await world?.close();
  world = null;
});

const clouds = new Map<string, InstantCloud>();
const VARIABLES = { PASSWORD: 'hunter2' };
const openAt = (cloud_of: (name: string) => string) =>
  instantDriver((name, { password }) => {
    if (password !== 'hunter2') throw new Error(`${name} does not know this password`);
    const cloud = clouds.get(cloud_of(name)) ?? createInstantCloud();
    clouds.set(cloud_of(name), cloud);
    const onLaunch = ({ spec }: { spec: Parameters<typeof bringUp>[1] }): void => {
      if (world !== null) void bringUp(world.database, spec).catch(() => undefined);
    };
    return createInstantProvider(name, { cloud, onLaunch });
  });
/** The second has its own clouds: what the one driver made, the other knows nothing of. */
const drivers = [openAt((name) => name), { ...openAt((name) => `${name} at other`), name: 'other' }];

function read(text: string): Config {
  const { config, errors } = readConfig(text, 'groundcrew.yaml', VARIABLES, drivers);
  expect(errors).toEqual([]);
  return config as Config;
}

const section = (name: string, label: string, password = '${PASSWORD}') =>
  `  ${name}: {driver: instant, password: '${password}', nodes: [{labels: ${label}}]}\n`;
const ONE = `labels: {jammy: {ready: 1}}\nproviders:\n${section('one', 'jammy')}`;
const TWO = `labels: {noble: {ready: 1}}\nproviders:\n${section('two', 'noble')}`;

/** A process: its services and what it has open. */
async function processOf(at: FleetWorld, config: Config, variables: Record<string, string> = VARIABLES) {
  let now = config;
  const reread = (name: string, written: object) => rereadProvider(name, written, variables, drivers);
  const providers = new Providers({ drivers, environment: {} as never, log: silentLog, reread });
  providers.configure(now);
  const services: Services = {
    ...(await at.another()),
    config: () => now,
    providers: () => providers.opened(),
    settle_providers: () => providers.settle(at.database.db),
    unusable_providers: () => providers.unusable(),
  };
  const role = startFleet(services);
  running.push(role);
  const apply = (changed: Config): void => {
    now = changed;
    providers.configure(changed);
  };
  return { role, providers, apply };
}

const names = async (at: FleetWorld): Promise<unknown[]> =>
  (await sql<{ name: string }>`select name from providers order by name`.execute(at.database.db)).rows.map(
    ({ name }) => name,
  );

async function begin(): Promise<FleetWorld> {
  clouds.clear();
  world = await fleetWorld({ config: configOf({}, {}) });
  return world;
}

test('a provider that appears brings nodes, one that goes takes them with it, and its row ends with the last', async () => {
  const at = await begin();
  const server = await processOf(at, read(ONE));
  await at.until(async () => (await at.nodes(['ready'])).length === 1, 'the first provider has its node');
  const { rows } = await sql`select written from providers`.execute(at.database.db);
  expect(JSON.stringify(rows)).toContain('${PASSWORD}');
  expect(JSON.stringify(rows)).not.toContain('hunter2');
  server.apply(read(TWO));
  await at.until(
    async () => (await at.nodes(['ready'])).some(({ provider }) => provider === 'two'),
    'the second provider has its node',
  );
  await at.until(() => clouds.get('one')?.machines.size === 0, 'its own driver destroys what the first had');
  await lookAgain(at);
  await at.until(async () => (await names(at)).join() === 'two', 'nothing is left of the first');
  await at.until(() => !server.providers.opened().has('one'), 'it is closed');
});

test('removed while no server ran: the next one opens it from its row, and ends its nodes', async () => {
  const at = await begin();
  const before = await processOf(at, read(ONE));
  await at.until(async () => (await at.nodes(['ready'])).length === 1, 'there is a node');
  await at.during(before.role.stop());
  running.splice(0);
  expect(clouds.get('one')?.machines.size).toBe(1);
  const after = await processOf(at, read(TWO));
  await at.until(async () => (await at.nodes(['deleted'])).length === 1, 'its row comes to its end');
  expect(clouds.get('one')?.machines.size).toBe(0);
  expect(after.providers.problems().size).toBe(0);
});

test('one that cannot be opened, now or from its row, is told of and stops no other', async () => {
  const at = await begin();
  const before = await processOf(at, read(ONE));
  await at.until(async () => (await at.nodes(['ready'])).length === 1, 'there is a node');
  await at.during(before.role.stop());
  running.splice(0);
  const after = await processOf(at, read(`${TWO}${section('wrong', 'noble', 'guess')}`), {});
  await at.until(async () => (await at.nodes(['ready'])).some(({ provider }) => provider === 'two'), 'the other works');
  await at.until(() => after.providers.problems().has('one'), 'the one whose secret is gone is told of');
  expect(after.providers.problems().get('one')).toContain('${PASSWORD} is not set');
  expect(after.providers.problems().get('wrong')).toContain('does not know this password');
  expect(await names(at)).toEqual(['one', 'two', 'wrong']);
  expect((await at.nodes(['deleting'])).map(({ provider }) => provider)).toEqual(['one']);
});

const OTHER = ONE.replace('driver: instant', 'driver: other');
/** A look of after the last node: the next comes by itself in ten seconds. */
const lookAgain = async (at: FleetWorld): Promise<unknown> =>
  await sql`update provider_status set listed_at = groundcrew_now() + interval '1 s', machines = 0`.execute(
    at.database.db,
  );
const drivers_of = async (at: FleetWorld): Promise<unknown[]> =>
  (await sql<{ driver: string }>`select driver from providers`.execute(at.database.db)).rows.map(
    ({ driver }) => driver,
  );

test.each([
  ['while the server runs', false],
  ['while no server runs', true],
])(
  'another driver under the same name, %s, waits until the machines of the one before are gone',
  async (_, restarts) => {
    const at = await begin();
    let server = await processOf(at, read(ONE));
    await at.until(async () => (await at.nodes(['ready'])).length === 1, 'the first driver has its node');
    const [kept] = await at.nodes(['ready']);
    await sql`update nodes set state = 'assigned' where id = ${kept?.id}`.execute(at.database.db);
    if (restarts) {
      await at.during(server.role.stop());
      running.splice(0);
      server = await processOf(at, read(OTHER));
    } else server.apply(read(OTHER));
    await at.until(() => server.providers.unusable().get('one')?.drains === true, 'the change is refused');
    expect(server.providers.problems().get('one')).toMatch(
      /^GC1026 .* of the driver other yet: .* the driver instant\./,
    );
    expect(await drivers_of(at)).toEqual(['instant']);
    expect(clouds.get('one')?.machines.size).toBe(1);
    expect(clouds.get('one at other')?.machines.size ?? 0).toBe(0);
    expect((await at.nodes()).filter(({ state }) => state !== 'deleted').map(({ id }) => id)).toEqual([kept?.id]);
    await sql`update nodes set state = 'deleting', end_reason = 'used' where id = ${kept?.id}`.execute(at.database.db);
    await at.until(() => clouds.get('one')?.machines.size === 0, 'its own driver destroys the machine');
    await at.until(async () => (await at.nodes(['deleting'])).length === 0, 'its row has come to its end');
    await lookAgain(at);
    await at.until(() => clouds.get('one at other')?.machines.size === 1, 'the new driver has its node');
    expect(await drivers_of(at)).toEqual(['other']);
    expect(server.providers.problems().size).toBe(0);
  },
);

test('a change of the driver that is taken back leaves everything as it was', async () => {
  const at = await begin();
  const server = await processOf(at, read(ONE));
  await at.until(async () => (await at.nodes(['ready'])).length === 1, 'there is a node');
  const provider = server.providers.opened().get('one');
  server.apply(read(OTHER));
  expect(server.providers.opened().get('one')).toBe(provider);
  server.apply(read(ONE));
  expect(server.providers.problems().size).toBe(0);
  expect(server.providers.opened().get('one')).toBe(provider);
});

test('nothing is planned where a provider could not be opened, and its demand is served elsewhere at once', async () => {
  const at = await begin();
  const both = `labels: {noble: {ready: 2}}\nproviders:\n${section('wrong', 'noble', 'guess')}${section('two', 'noble')}`;
  await processOf(at, read(both));
  await at.until(async () => (await at.nodes(['ready'])).length === 2, 'both nodes are ready');
  expect((await at.nodes()).map(({ provider }) => provider)).toEqual(['two', 'two']);
});
