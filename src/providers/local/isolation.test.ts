import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../../tools/needs/needs.ts';
import { newNodeId } from '../testing/contract-calls.ts';
import { homeDirectories, homesIn, outermost } from './homes.ts';
import {
  makePlace,
  NEEDS_OF_ISOLATION,
  NEEDS_OF_USER,
  NOBODY,
  REAL_ISOLATIONS,
  remainsOf,
  tryDriver,
  type Who,
} from './testing/place.ts';

/** What the stand-in agent and its payload saw. */
type Seen = Record<string, never> & {
  uid: number;
  groups: number[];
  pid: number;
  processes: number;
  effective: string;
  bounding: string;
  no_new_privs: string;
  namespaces: Record<string, number>;
  hostname: string;
  user_name: string;
  loopback: string;
  host_port: string;
  lists: Record<string, string>;
  writes: Record<string, true | string>;
  home: string;
  home_write: true | string;
  private_list: string;
  environment: string[];
  settings: {
    payload_command: string[];
    payload_user: { uid: number; gid: number } | null;
    isolation: string;
    token: string;
  };
  file_mode: number;
  file_uid: number;
  server: string;
  reads_state: string;
  reads_agent_file: string;
  sees_agent: boolean | string;
  kills_agent: true | string;
  becomes_root: true | string;
  mounts: number;
  sizes: Record<string, number>;
};

const MEMORY_BYTES = 2 ** 30;

async function report(kind: string, who: Who, parent?: string, hidden: string[] = []) {
  const owner = who === 'root' ? undefined : NOBODY;
  const place = await makePlace({
    ...(owner === undefined ? {} : { owner }),
    ...(parent === undefined ? {} : { parent }),
    hidden,
  });
  const node_id = newNodeId();
  try {
    const { printed } = await tryDriver(who, {
      action: 'report',
      node_id,
      options: { isolation: kind },
      // What a node without a limit sees is the same but for the sizes.
      node_options: kind === 'none' ? {} : { memory: MEMORY_BYTES },
      environment: place.environment,
      crash_at: null,
    });
    expect(printed).not.toContain('FAULT');
    const text = JSON.parse(/^PRINTED (.*)$/m.exec(printed)?.[1] ?? '""') as string;
    const line = (name: string): Seen => {
      const found = new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1];
      if (found === undefined) throw new Error(`no ${name} line in:\n${text}\n${printed}`);
      return JSON.parse(found) as Seen;
    };
    const seen = { agent: line('AGENT'), payload: line('PAYLOAD'), node_id, place, text };
    expect(text).toContain('LEFT false');
    // The stray that the payload left behind included.
    expect(remainsOf(place, node_id)).toEqual([]);
    return seen;
  } finally {
    await place.close();
    rmSync(join(place.environment.data_directory, '..'), { recursive: true, force: true });
  }
}

function isolationHolds({ agent, payload, node_id, place }: Awaited<ReturnType<typeof report>>): void {
  for (const seen of [agent, payload]) {
    expect(seen.no_new_privs).toBe('1');
    expect(seen.hostname).toBe(node_id);
    expect(seen.loopback).toBe('own loopback');
    expect(seen.host_port).toBe('ECONNREFUSED');
    expect(seen.processes).toBeLessThan(12);
    expect(seen.lists['/home']).toBe('payload');
    expect(['', 'EACCES']).toContain(seen.lists['/root']);
    expect(seen.lists['/tmp']).toBe('');
    expect(seen.lists['/var/tmp']).toBe('');
    expect(seen.lists['/run']).toBe('groundcrew lock');
    expect(['', 'ENOENT']).toContain(seen.lists[place.environment.data_directory]);
    for (const path of ['/', '/usr', '/etc', '/var']) expect(['EROFS', 'EACCES']).toContain(seen.writes[path]);
    for (const path of ['/tmp', '/var/tmp', '/dev/shm', '/workspace']) expect(seen.writes[path], path).toBe(true);
    expect(seen.environment.filter((name) => !KNOWN.includes(name))).toEqual([]);
    for (const [name, inode] of Object.entries(seen.namespaces)) {
      expect(typeof inode === 'number' && inode > 0, name).toBe(true);
    }
  }
  const { '/root': root, ...sizes } = payload.sizes;
  // Filled up, they leave room for the agent, whose end would be the node's.
  expect(Object.values(sizes).reduce((sum, size) => sum + size)).toBeLessThanOrEqual((MEMORY_BYTES * 3) / 4);
  expect(sizes['/tmp']).toBe((MEMORY_BYTES * 3) / 8);
  expect(['EACCES', 2 ** 20]).toContain(root);
  expect(agent.server).toBe('the server');
  expect(agent.file_mode).toBe(0o600);
  expect(agent.file_uid).toBe(agent.uid);
  expect(agent.settings.token).toBe('the-secret-token');
  expect(payload.home).toBe('/home/payload');
  expect(payload.home_write).toBe(true);
  expect(payload.effective).toBe('0000000000000000');
  expect(payload.bounding).toBe('0000000000000000');
  // EINVAL: in its user namespace there is no root at all.
  expect(['EPERM', 'EINVAL']).toContain(payload.becomes_root);
  expect(payload.mounts).not.toBe(0);
  expect(['EACCES', 'ENOENT']).toContain(payload.reads_state);
  expect(['EACCES', 'ENOENT']).toContain(payload.reads_agent_file);
  expect(['EACCES', '']).toContain(payload.private_list);
  expect(payload.user_name).toBe('payload');
}

const KNOWN = [
  'GROUNDCREW_AGENT_FILE',
  'GROUNDCREW_NODE',
  'HOME',
  'LANG',
  'LOGNAME',
  'OLDPWD',
  'PATH',
  'PWD',
  'SHELL',
  'USER',
];

const SETUID_SETGID_KILL_SETPCAP = '00000000000001e0';

for (const kind of REAL_ISOLATIONS) {
  for (const who of ['root', 'nobody', 'nobody with subordinate ids'] as const) {
    const wanted = needs(...NEEDS_OF_ISOLATION[kind], ...NEEDS_OF_USER[who]);
    it(`keeps agent, payload and host apart: ${kind}, server is ${who}`, wanted, async () => {
      const seen = await report(kind, who);
      const { agent, payload } = seen;
      isolationHolds(seen);
      if (who === 'nobody') {
        expect(agent.settings.isolation).toBe(`${kind}, one user`);
        expect([agent.uid, payload.uid]).toEqual([NOBODY, NOBODY]);
        expect(agent.effective).toBe('0000000000000000');
        // Namespaces of its own: the agent's process is not there at all.
        expect(payload.namespaces.pid).not.toBe(agent.namespaces.pid);
        expect(payload.namespaces.mnt).not.toBe(agent.namespaces.mnt);
        expect(payload.processes).toBeLessThan(4);
      } else {
        expect(agent.settings.isolation).toBe(`${kind}, two users`);
        expect(agent.user_name).toBe('agent');
        expect(payload.uid).toBe(agent.uid + 1);
        expect(payload.uid).toBe(agent.settings.payload_user?.uid);
        expect(agent.groups).toContain(payload.uid);
        expect(payload.groups).toEqual([payload.uid]);
        expect(agent.effective).toBe(SETUID_SETGID_KILL_SETPCAP);
        expect(agent.bounding).toBe(SETUID_SETGID_KILL_SETPCAP);
        expect(agent.kills_agent ?? true).toBe(true);
        expect(payload.sees_agent).toBe('EACCES');
        expect(payload.kills_agent).toBe('EPERM');
      }
    });
  }
}

for (const kind of REAL_ISOLATIONS) {
  const wanted = needs(...NEEDS_OF_ISOLATION[kind], 'root');
  it(`hides the data directory also where the host shows it: ${kind}`, wanted, async () => {
    const { agent, payload, place } = await report(kind, 'root', '/var/lib');
    for (const seen of [agent, payload]) expect(seen.lists[place.environment.data_directory]).toBe('');
  });
}

describe('homes that are not below /home', () => {
  let home = '';
  const before = process.env.HOME;
  beforeAll(() => {
    // Below a tree that nodes see; only root can make it there, and only as root is this tried.
    home = mkdtempSync(join(process.getuid?.() === 0 ? '/var/lib' : tmpdir(), 'groundcrew-home-'));
    chmodSync(home, 0o755);
    writeFileSync(join(home, 'readable'), 'mine', { mode: 0o644 });
    process.env.HOME = home;
  });
  afterAll(() => {
    if (before === undefined) delete process.env.HOME;
    else process.env.HOME = before;
    rmSync(home, { recursive: true });
  });

  for (const kind of REAL_ISOLATIONS) {
    for (const who of ['root', 'nobody'] as const) {
      const wanted = needs(...NEEDS_OF_ISOLATION[kind], ...NEEDS_OF_USER[who]);
      it(`are not seen on a node: ${kind}, server is ${who}`, wanted, async () => {
        const { agent, payload } = await report(kind, who, undefined, [home]);
        for (const seen of [agent, payload]) expect(seen.lists[home]).toBe('');
      });
    }
  }

  it('are those of root and of people, and no tree of programs', async () => {
    const passwd = `root:x:0:0:root:/root:/bin/sh\nwww:x:33:33::/var/www:/bin/sh\nada:x:1000:1000:Ada:/srv/people/ada:/bin/sh
nobody:x:65534:65534::/nonexistent:/bin/false\nodd:x:::/x:\n\n`;
    expect(homesIn(passwd)).toEqual(['/root', '/srv/people/ada']);
    expect(await homeDirectories()).toContain(home);
    process.env.HOME = '/usr/bin';
    expect(await homeDirectories()).not.toContain('/usr/bin');
    process.env.HOME = home;
    expect(outermost(['/a/b', '/a', '/ab', '/a'])).toEqual(['/a', '/ab']);
  });
});

for (const who of ['root', 'nobody'] as const) {
  const wanted = needs(...NEEDS_OF_USER[who]);
  it(
    `runs as a plain process tree when that is said aloud, and still leaves nothing: server is ${who}`,
    wanted,
    async () => {
      const { agent, payload, place } = await report('none', who);
      expect(agent.settings).toMatchObject({ isolation: 'none', payload_command: [], payload_user: null });
      expect(agent.host_port).toBe('the host');
      expect(agent.server).toBe('the server');
      expect(payload.uid).toBe(agent.uid);
      expect(payload.home.startsWith(place.environment.data_directory)).toBe(true);
    },
  );
}
