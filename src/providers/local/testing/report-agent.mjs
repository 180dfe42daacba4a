// Stands in for the agent in tests of the local driver: reports what it and its payload see, one JSON line each, and
// then stays until it is ended. The first argument `payload` makes it the payload.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { hostname, networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';

function attempt(work) {
  try {
    return work() ?? true;
  } catch (error) {
    return error.code ?? String(error);
  }
}

function reach(options) {
  return new Promise((resolve) => {
    const socket = connect(options, () => socket.once('data', (data) => resolve(String(data))));
    socket.once('error', (error) => resolve(error.code));
  });
}

function status() {
  const text = readFileSync('/proc/self/status', 'utf8');
  const field = (name) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1] ?? '';
  return { effective: field('CapEff'), bounding: field('CapBnd'), no_new_privs: field('NoNewPrivs') };
}

const processes = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
const canList = (path) => attempt(() => readdirSync(path).sort().join(' '));
const namespaces = () =>
  Object.fromEntries(['pid', 'mnt', 'net', 'ipc', 'uts'].map((name) => [name, attempt(() => readFileSyncLink(name))]));
function readFileSyncLink(name) {
  return statSync(`/proc/self/ns/${name}`).ino;
}

async function look(questions) {
  const { hidden, host_port, workspace, private_directory } = questions;
  return {
    uid: process.getuid(),
    gid: process.getgid(),
    groups: process.getgroups(),
    pid: process.pid,
    processes: processes().length,
    ...status(),
    namespaces: namespaces(),
    hostname: hostname(),
    user_name: attempt(
      () =>
        readFileSync('/etc/passwd', 'utf8')
          .split('\n')
          .find((line) => line.split(':')[2] === String(process.getuid()))
          ?.split(':')[0] ?? 'nobody knows',
    ),
    interfaces: Object.keys(networkInterfaces()),
    loopback: await ownLoopback(),
    host_port: await reach({ port: host_port, host: '127.0.0.1' }),
    lists: Object.fromEntries(
      ['/root', '/home', '/tmp', '/var/tmp', '/run', ...hidden].map((path) => [path, canList(path)]),
    ),
    writes: Object.fromEntries(
      ['/', '/usr', '/etc', '/var', '/run', '/tmp', '/var/tmp', '/dev/shm', tmpdir(), workspace].map((path) => [
        path,
        attempt(() => {
          writeFileSync(join(path, `probe-${process.getuid()}-${process.pid}`), 'x');
          rmSync(join(path, `probe-${process.getuid()}-${process.pid}`));
        }),
      ]),
    ),
    home: process.env.HOME,
    sizes: Object.fromEntries(
      ['/dev/shm', '/home', '/root', '/run/lock', '/tmp', '/var/tmp'].map((path) => {
        try {
          const { blocks, bsize } = statfsSync(path);
          return [path, blocks * bsize];
        } catch (error) {
          return [path, error.code];
        }
      }),
    ),
    home_write: attempt(() => writeFileSync(join(process.env.HOME, '.probe'), 'x')),
    private_list: canList(private_directory),
    environment: Object.keys(process.env).sort(),
    data_limit: /Max data size\s+(\S+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1],
    process_limit: /Max processes\s+(\S+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1],
    cgroups: readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n'),
  };
}

function ownLoopback() {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.end('own loopback'));
    server.once('error', (error) => resolve(error.code));
    server.listen(0, '127.0.0.1', async () => {
      resolve(await reach({ port: server.address().port, host: '127.0.0.1' }));
      server.close();
    });
  });
}

async function agent() {
  const file = process.env.GROUNDCREW_AGENT_FILE;
  const { mode, uid } = statSync(file);
  const settings = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(settings.state_file, 'the session secret', { mode: 0o600 });
  const questions = JSON.parse(readFileSync(join(process.argv[1], '..', 'questions.json'), 'utf8'));
  const asked = { ...questions, workspace: settings.workspace, private_directory: join(file, '..') };
  const socket = settings.server_url.slice('unix:'.length);
  const seen = await look(asked);
  console.log(
    `AGENT ${JSON.stringify({ ...seen, settings, file_mode: mode & 0o777, file_uid: uid, server: await reach({ path: socket }) })}`,
  );
  const [command, ...rest] = [...settings.payload_command, process.execPath, process.argv[1], 'payload'];
  const input = JSON.stringify({ ...asked, state_file: settings.state_file, agent_pid: process.pid, socket, file });
  const ended = spawnSync(command, rest, { input, cwd: '/', env: { ...process.env } });
  console.log(`${ended.stdout}${ended.stderr}`);
  rmSync(file);
  // One that leaves its session and its parent, as a careless test does.
  spawn(
    settings.payload_command[0] ?? 'sh',
    [
      ...settings.payload_command.slice(1),
      ...(settings.payload_command.length > 0 ? ['sh'] : []),
      '-c',
      'setsid sleep 1000 & exit 0',
    ],
    { stdio: 'ignore', detached: true },
  );
  console.log(`LEFT ${existsSync(file)}`);
  createServer().listen(join(settings.workspace.startsWith('/workspace') ? '/tmp' : settings.workspace, 'stay'));
}

async function payload() {
  const questions = JSON.parse(readFileSync(0, 'utf8'));
  const report = {
    ...(await look(questions)),
    reads_state: attempt(() => readFileSync(questions.state_file, 'utf8')),
    reads_agent_file: attempt(() => readFileSync(questions.file, 'utf8')),
    sees_agent: attempt(() => readFileSync(`/proc/${questions.agent_pid}/environ`, 'utf8').includes('GROUNDCREW')),
    kills_agent: attempt(() => process.kill(questions.agent_pid, 0)),
    becomes_root: attempt(() => process.setuid(0)),
    mounts: spawnSync('mount', ['-t', 'tmpfs', 'x', questions.workspace]).status,
  };
  console.log(`PAYLOAD ${JSON.stringify(report)}`);
}

if (process.argv[2] === 'payload') await payload();
else await agent();
