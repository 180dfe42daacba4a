import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { createInstantCloud, createInstantProvider, type InstantCloud } from '../providers/testing/instant.ts';
import { instantDriver } from '../providers/testing/instant-driver.ts';
import { SERVER_ROLES } from './options.ts';
import { type ScratchServer, startScratch, until } from './testing/scratch-server.ts';

const clouds = new Map<string, InstantCloud>();
const drivers = [
  instantDriver((name) => {
    const cloud = clouds.get(name) ?? createInstantCloud();
    clouds.set(name, cloud);
    return createInstantProvider(name, { cloud });
  }),
];
const machines = (name: string): number => clouds.get(name)?.machines.size ?? 0;

/** One provider with one warm label, and what else the file says. */
function configured(name: string, more = ''): Config {
  const text = `labels: {jammy: {ready: 1}}\nproviders:\n  ${name}: {driver: instant, nodes: [{labels: [jammy]}]}\n${more}`;
  const { config, errors } = readConfig(text, 'groundcrew.yaml', {}, drivers);
  expect(errors).toEqual([]);
  return config as Config;
}

let server: ScratchServer;
beforeEach(async () => {
  clouds.clear();
  server = await startScratch({ config: configured('one'), drivers, roles: new Set(SERVER_ROLES) });
}, 60_000);
afterEach(async () => {
  await server?.close();
}, 60_000);

test('another configuration is followed without a restart: one provider comes, another goes with its nodes', async () => {
  await until('a machine at the first', () => machines('one') === 1);
  expect(server.running.applyConfiguration(configured('two'))).toEqual([]);
  await until('a machine at the second', () => machines('two') === 1);
  await until('none at the first', () => machines('one') === 0);
  // What the process began with stays, and is named.
  const moved = configured('two', 'server: {host: 127.0.0.2}\nblobs: {directory: elsewhere}\n');
  expect(server.running.applyConfiguration(moved)).toEqual(['server', 'blobs']);
  expect(server.running.services.config().server.host).toBe(configured('two').server.host);
  expect(machines('two')).toBe(1);
}, 60_000);
