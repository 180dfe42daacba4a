import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { has, needs } from '../../../tools/needs/needs.ts';
import { findProgram } from '../../../tools/needs/programs.ts';
import { processStart_ticks } from '../../base/process.ts';
import { until } from '../../base/testing/until.ts';
import {
  destroyWhole,
  launchWhole,
  listAll,
  newNodeId,
  refOf,
  testContext,
  testSpec,
} from '../testing/contract-calls.ts';
import { RESERVED_BYTES } from './cgroups.ts';
import { createLocalProvider } from './driver.ts';
import {
  makePlace,
  NEEDS_OF_ISOLATION,
  NOBODY,
  type Place,
  REAL_ISOLATIONS,
  remainsOf,
  tryDriver,
} from './testing/place.ts';

const run = promisify(execFile);

/** For what holds with every isolation: the best that there is. */
const ANY = { isolation: has('namespaces') ? 'auto' : 'none' };

async function withPlace(work: (place: Place) => Promise<void>, owner?: number): Promise<void> {
  const place = await makePlace(owner === undefined ? {} : { owner });
  try {
    await work(place);
  } finally {
    await place.close();
  }
}

it('leaves its nodes running when the server ends, and the next server finds them', async () => {
  await withPlace(async (place) => {
    const node_id = newNodeId();
    const task = { node_id, options: ANY, node_options: {}, environment: place.environment, crash_at: null };
    expect((await tryDriver('root', { action: 'launch', ...task })).printed).toBe('');
    const provider = createLocalProvider('local', ANY, place.environment);
    await until(async () => {
      const ref = {
        kind: 'machine' as const,
        node_id,
        deployment_id: place.environment.deployment_id,
        external_id: null,
      };
      return (await provider.consoleLog?.(ref, testContext()))?.includes('LEFT') ?? false;
    });
    expect(await listAll(provider)).toMatchObject([{ node_id, state: 'running' }]);
    await destroyWhole(provider, { kind: 'machine', node_id, deployment_id: 'deployment-contract', external_id: null });
    expect(remainsOf(place, node_id)).toEqual([]);
  });
});

it('shows a node whose agent has ended as stopped, does not start it again, and destroys it', async () => {
  await withPlace(async (place) => {
    writeFileSync(place.environment.agent_bundle, 'console.log("no more");');
    const provider = createLocalProvider('local', ANY, place.environment);
    const spec = testSpec({});
    await launchWhole(provider, spec);
    await until(async () => (await listAll(provider))[0]?.state === 'stopped');
    await launchWhole(provider, spec);
    expect(await listAll(provider)).toMatchObject([{ node_id: spec.node_id, state: 'stopped' }]);
    expect(await provider.consoleLog?.(refOf(spec), testContext())).toBe('no more\n');
    await destroyWhole(provider, refOf(spec));
    expect(remainsOf(place, spec.node_id)).toEqual([]);
  });
});

it('keeps the token out of every command line and environment', async () => {
  await withPlace(async (place) => {
    writeFileSync(
      place.environment.agent_bundle,
      'process.stdin.resume(); process.getBuiltinModule("node:net").createServer().listen(process.env.HOME + "/stay");',
    );
    const provider = createLocalProvider('local', ANY, place.environment);
    const spec = testSpec({});
    await launchWhole(provider, spec);
    const readable = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
    for (const pid of readable) {
      for (const file of ['cmdline', 'environ']) {
        let text = '';
        try {
          text = readFileSync(`/proc/${pid}/${file}`, 'utf8');
        } catch {}
        expect(text).not.toContain(spec.agent.registration_token);
      }
    }
    await destroyWhole(provider, refOf(spec));
  });
});

it('bounds what a node prints', async () => {
  await withPlace(async (place) => {
    const flood =
      'for (let n = 0; n < 200; n += 1) process.getBuiltinModule("node:fs").writeSync(1, "x".repeat(2 ** 17));';
    writeFileSync(place.environment.agent_bundle, flood);
    const provider = createLocalProvider('local', ANY, place.environment);
    const spec = testSpec({});
    await launchWhole(provider, spec);
    await until(async () => (await listAll(provider))[0]?.state === 'stopped');
    const file = join(place.environment.data_directory, 'nodes', spec.node_id, 'console.log');
    expect(statSync(file).size).toBeLessThanOrEqual(4 * 2 ** 20);
    expect((await provider.consoleLog?.(refOf(spec), testContext()))?.length).toBe(64 * 2 ** 10);
    await destroyWhole(provider, refOf(spec));
  });
});

it('gives its nodes the limits of their type', needs('root'), async () => {
  await withPlace(async (place) => {
    const provider = createLocalProvider('local', ANY, place.environment);
    const spec = testSpec({ memory: '256MiB', pids: 64, cores: 0.5 });
    await launchWhole(provider, spec);
    const record = JSON.parse(
      readFileSync(join(place.environment.data_directory, 'nodes', spec.node_id, 'node.json'), 'utf8'),
    ) as { cgroups: string[] };
    if (record.cgroups.length === 0) console.log('no cgroup is usable here: limits were not looked at');
    const read = (...names: string[]): string[] =>
      record.cgroups.flatMap((directory) =>
        names
          .map((name) => join(directory, name))
          .filter(existsSync)
          .map((file) => readFileSync(file, 'utf8').trim()),
      );
    if (record.cgroups.length > 0) {
      expect(read('memory.max', 'memory.limit_in_bytes')).toEqual([String(256 * 2 ** 20)]);
      expect(read('pids.max')).toContain('64');
      expect(read('cpu.max', 'cpu.cfs_quota_us').map((text) => text.split(' ')[0])).toEqual(['50000']);
      for (const directory of record.cgroups) {
        // What the agent starts is there, too, once it has been started.
        await until(() => {
          const processes = readFileSync(join(directory, 'cgroup.procs'), 'utf8').trim().split('\n');
          return processes.length > 2;
        });
      }
    }
    await destroyWhole(provider, refOf(spec));
    expect(remainsOf(place, spec.node_id)).toEqual([]);
  });
});

it('shows a node what the kernel killed in it for memory', needs('root'), async () => {
  await withPlace(async (place) => {
    // Looks where the agent would, before and after a process that takes more than there is.
    writeFileSync(
      place.environment.agent_bundle,
      `const { readFileSync } = process.getBuiltinModule('node:fs');
       const { spawnSync } = process.getBuiltinModule('node:child_process');
       const { bounds } = JSON.parse(readFileSync(process.env.GROUNDCREW_AGENT_FILE, 'utf8'));
       const read = (file) => { try { return readFileSync(file, 'utf8'); } catch { return ''; } };
       const count = () => bounds.cgroups
         .flatMap((directory) => ['memory.events', 'memory.oom_control'].map((name) => read(directory + '/' + name)))
         .map((text) => /^oom_kill (\\d+)$/m.exec(text)?.[1]).filter((found) => found !== undefined).join();
       const before = count();
       const eat = 'const all = []; for (;;) all.push(Buffer.alloc(10000000, 1));';
       const { signal } = spawnSync(process.execPath, ['-e', eat], { stdio: 'ignore' });
       console.log('BOUNDS ' + JSON.stringify({ ...bounds, cgroups: bounds.cgroups.length, before, after: count(), signal }));`,
    );
    const provider = createLocalProvider('local', ANY, place.environment);
    const spec = testSpec({ memory: '256MiB', cores: 0.5 });
    await launchWhole(provider, spec);
    const printed = async () => (await provider.consoleLog?.(refOf(spec), testContext())) ?? '';
    await until(async () => (await printed()).includes('BOUNDS '));
    const seen = JSON.parse(/^BOUNDS (.*)$/m.exec(await printed())?.[1] ?? '{}') as Record<string, unknown>;
    expect(seen.memory_bytes).toBe(256 * 2 ** 20);
    if (seen.cgroups === 0) console.log('no cgroup is usable here: what the kernel killed was not looked at');
    else expect(seen).toMatchObject({ cores: 0.5, before: '0', after: '1', signal: 'SIGKILL' });
    await destroyWhole(provider, refOf(spec));
    expect(remainsOf(place, spec.node_id)).toEqual([]);
  });
});

it('falls back to limits of each process where no cgroup is to be had', needs('nobody'), async () => {
  await withPlace(async (place) => {
    const { printed } = await tryDriver('nobody', {
      action: 'report',
      node_id: newNodeId(),
      options: ANY,
      node_options: { memory: '300MiB', pids: 123, cores: 1 },
      environment: place.environment,
      crash_at: null,
    });
    const text = JSON.parse(/^PRINTED (.*)$/m.exec(printed)?.[1] ?? '""') as string;
    const payload = JSON.parse(/^PAYLOAD (.*)$/m.exec(text)?.[1] ?? '{}') as Record<string, string>;
    expect([payload.data_limit, payload.process_limit]).toEqual([String(300 * 2 ** 20 + RESERVED_BYTES), '123']);
  }, NOBODY);
});

it('refuses options that it cannot keep, with their place', async () => {
  await withPlace(async (place) => {
    const make = (options: Record<string, unknown>) => () => createLocalProvider('lab', options, place.environment);
    expect(make({ isolation: 'docker' })).toThrow('providers.lab.isolation: "docker" is not one of auto, bubblewrap');
    expect(make({ limits: { memory: '5 apples' } })).toThrow('providers.lab.limits.memory: "5 apples" is not a size');
    const provider = make({ limits: { nodes: 3, memory: '2GiB' } })();
    expect(await provider.limits(testContext())).toEqual({ nodes: 3, memory_bytes: 2 * 2 ** 30 });
    const drained = { nodes: 0, cores: 0, memory_bytes: 0 };
    expect(await make({ limits: drained })().limits(testContext())).toEqual(drained);
    expect(make({ limits: { nodes: -1 } })).toThrow('providers.lab.limits.nodes: expected a number of 0 or more');
    for (const options of [{ pids: 3 }, { memory: '1MiB' }, { cores: -1 }]) {
      await expect(launchWhole(provider, testSpec(options))).rejects.toMatchObject({ fault: 'config' });
    }
    const crooked = { ...testSpec({}), node_id: '../../escape' as ReturnType<typeof newNodeId> };
    await expect(launchWhole(provider, crooked)).rejects.toMatchObject({ fault: 'config' });
    expect(await listAll(provider)).toEqual([]);
  });
});

it(
  'says what was tried when the machine refuses, and that going without must be said aloud',
  needs('mounts'),
  async () => {
    await withPlace(async (place) => {
      const kinds = REAL_ISOLATIONS.filter((kind) => kind !== 'bubblewrap' || has('bubblewrap'));
      const tools = kinds
        .map((kind) => (kind === 'bubblewrap' ? findProgram('bubblewrap') : '/usr/bin/unshare'))
        .join(' ');
      const refusing = `for tool in ${tools}; do mount --bind /bin/false $tool || exit 1; done; exec "$@"`;
      const task = {
        action: 'launch',
        node_id: newNodeId(),
        options: {},
        node_options: {},
        environment: place.environment,
        crash_at: null,
      };
      const script = join(import.meta.dirname, 'testing', 'try-driver.ts');
      const { stdout } = await run('unshare', [
        ...['--mount', '--propagation', 'private', 'sh', '-c', refusing, 'sh', process.execPath, script],
        JSON.stringify(task),
      ]);
      const fault = JSON.parse(/^FAULT (.*)$/m.exec(stdout)?.[1] ?? '{}') as Record<string, string>;
      expect(fault).toMatchObject({ name: 'ProviderFault', fault: 'config' });
      expect(fault.message).toContain(`Tried ${kinds[0]}`);
      for (const kind of kinds) expect(fault.message).toContain(`${kind}, two users: `);
      expect(fault.message).toContain('"isolation: none" in providers.local');
    });
  },
);

it('calls a full disk a lack of capacity, and leaves nothing after destroy', needs('mounts'), async () => {
  await withPlace(async (place) => {
    const small = 'mount -t tmpfs -o nr_inodes=12 small "$1" && mkdir "$1/agent" && shift && exec "$@"';
    const node_id = newNodeId();
    const task = {
      action: 'launch',
      node_id,
      options: { isolation: 'none' },
      node_options: {},
      environment: place.environment,
      crash_at: null,
    };
    const script = join(import.meta.dirname, 'testing', 'try-driver.ts');
    const { stdout } = await run('unshare', [
      ...['--mount', '--propagation', 'private', 'sh', '-c', small, 'sh', place.environment.data_directory],
      ...[process.execPath, script, JSON.stringify(task)],
    ]);
    expect(JSON.parse(/^FAULT (.*)$/m.exec(stdout)?.[1] ?? '{}')).toMatchObject({ fault: 'capacity' });
    expect(remainsOf(place, node_id)).toEqual([]);
  });
});

it('unmounts what somebody mounted into a node before it removes files', needs('mounts'), async () => {
  await withPlace(async (place) => {
    const provider = createLocalProvider('local', ANY, place.environment);
    const spec = testSpec({});
    await launchWhole(provider, spec);
    const precious = join(place.environment.data_directory, '..', 'precious');
    const point = join(place.environment.data_directory, 'nodes', spec.node_id, 'workspace', 'mounted');
    for (const directory of [precious, point]) mkdirSync(directory);
    writeFileSync(join(precious, 'file'), 'kept');
    execFileSync('mount', ['--bind', precious, point]);
    await destroyWhole(provider, refOf(spec));
    expect(readFileSync(join(precious, 'file'), 'utf8')).toBe('kept');
    expect(remainsOf(place, spec.node_id)).toEqual([]);
  });
});

it('does not end a process that only has the pid of a former node', async () => {
  await withPlace(async (place) => {
    const provider = createLocalProvider('local', ANY, place.environment);
    const node_id = newNodeId();
    const root = join(place.environment.data_directory, 'nodes', node_id);
    mkdirSync(root, { recursive: true });
    const own = { pid: process.pid, start_ticks: (processStart_ticks(process.pid) as number) - 1 };
    const isolation = { kind: 'bubblewrap', users: 'switched', subordinate: null };
    const record = { node_id, deployment_id: 'deployment-contract', provider: 'local', isolation, cgroups: [] };
    const boot_id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    writeFileSync(join(root, 'node.json'), JSON.stringify(record));
    writeFileSync(join(root, 'processes.json'), JSON.stringify({ boot_id, outer: own, first: own, let_go: true }));
    expect(await listAll(provider)).toMatchObject([{ node_id, state: 'stopped' }]);
    await destroyWhole(provider, { kind: 'machine', node_id, deployment_id: 'deployment-contract', external_id: null });
    expect(existsSync(root)).toBe(false);
  });
});

it('lists what is not a node of ours without an identity, and another provider of ours not at all', async () => {
  await withPlace(async (place) => {
    const provider = createLocalProvider('local', ANY, place.environment);
    const other = createLocalProvider('other', ANY, place.environment);
    const spec = testSpec({});
    await launchWhole(other, spec);
    mkdirSync(join(place.environment.data_directory, 'nodes', 'somebody'));
    expect(await listAll(provider)).toEqual([
      {
        kind: 'machine',
        external_id: 'somebody',
        deployment_id: null,
        node_id: null,
        state: 'unknown',
        takes: { nodes: 1 },
      },
    ]);
    await destroyWhole(other, refOf(spec));
    expect(remainsOf(place, spec.node_id)).toEqual([]);
  });
});

for (const isolation of REAL_ISOLATIONS) {
  const wanted = needs(...NEEDS_OF_ISOLATION[isolation]);
  it(
    `shows a node type's mounts read-only, and none through which the data directory would be seen: ${isolation}`,
    wanted,
    async () => {
      await withPlace(async (place) => {
        // A name that tables of mounts have to write in another way, and one mount within another.
        const tools = join(place.environment.data_directory, '..', 'tools \\040 \u00e9');
        const targets = ['/srv2/deep/tools', '/tmp/the tools', '/srv2/deep/tools/inner'];
        mkdirSync(join(tools, 'inner'), { recursive: true });
        writeFileSync(join(tools, 'tool'), 'a tool');
        const look =
          'const fs = require("node:fs"); const write = (p) => { try { fs.writeFileSync(p, ""); return "written"; } catch (e) { return e.code; } };' +
          `for (const d of ${JSON.stringify(targets)}) console.log(fs.readFileSync(d + "/tool", "utf8"), write(d + "/new"));`;
        writeFileSync(place.environment.agent_bundle, look);
        const provider = createLocalProvider('local', { isolation }, place.environment);
        const mounts = targets.map((target) => ({ source: tools, target }));
        const spec = testSpec({ mounts });
        await launchWhole(provider, spec);
        await until(async () => (await listAll(provider))[0]?.state === 'stopped');
        const printed = await provider.consoleLog?.(refOf(spec), testContext());
        expect(printed?.replaceAll('EACCES', 'EROFS')).toBe('a tool EROFS\n'.repeat(3));
        await destroyWhole(provider, refOf(spec));
        for (const source of [
          place.environment.data_directory,
          join(place.environment.data_directory, '..'),
          '/no/such',
        ]) {
          const refused = testSpec({ mounts: [{ source, target: '/srv2' }] });
          await expect(launchWhole(provider, refused)).rejects.toMatchObject({ fault: 'config' });
          await destroyWhole(provider, refOf(refused));
        }
        expect(await listAll(provider)).toEqual([]);
      });
    },
  );
}
