// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what people write in the file.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packCheckout } from './checkout.ts';
import { EXIT } from './exit-status.ts';
import { type CommandOptions, runCommand } from './testing/run-command.ts';

let directory = '';
let stranger: Server;
let stranger_url = '';

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'groundcrew-cli-'));
  stranger = createServer((request, response) => {
    if (request.url?.includes('/runs')) response.end('<html>hello</html>');
    else response.writeHead(404).end('not here');
  });
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  stranger_url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await new Promise((resolve) => stranger.close(resolve));
  rmSync(directory, { recursive: true, force: true });
});

const run = (line: string | readonly string[], options: Partial<CommandOptions> = {}) =>
  runCommand(typeof line === 'string' ? line.split(' ') : line, { directory, ...options });

function file(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return name;
}

describe('command lines', () => {
  test.each([
    ['frobnicate', "error: unknown command 'frobnicate'"],
    ['run shwo 5', '(Did you mean show?)'],
    ['rnu list', '(Did you mean run?)'],
    ['run list --stat x', '(Did you mean --state?)'],
    ['run show', "missing required argument 'run'"],
    ['run show 1 2', 'too many arguments'],
    ['run list --limit none', 'It is to be a whole number from 1 on.'],
    ['node hold n-12345678 --for 8', 'It needs a number and a unit: 30m, 8h, 2d.'],
    ['run list --data=', 'It is empty; name a directory.'],
    ['run list --state foo', `option '--state <states>' argument 'foo' is invalid. "foo" is not one of waiting, `],
    ['run list --verdict passed,faild', '"faild" is not one of passed, failed,'],
    ['node list --state redy', 'Did you mean ready?'],
    ['request list --state foo', '"foo" is not one of waiting, '],
    ['server --port 99999', 'A port is a whole number from 0 to 65535.'],
    ['server --roles api,flete', '"flete" is not one of api, fleet, worker. Did you mean fleet?'],
    ['token create ci', "required option '--role <role>' not specified"],
    ['token create ci --role king', 'Allowed choices are viewer, submitter, operator, admin.'],
    ['job submit --watch', "error: unknown option '--watch'\n(Did you mean --wait?)"],
    ['completion tcsh', 'Allowed choices are bash, zsh, fish.'],
    ['job submit job.yaml --var NAME', 'Write it as NAME=VALUE.'],
  ])('%s', async (line, said) => {
    const result = await run(line);
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toContain(said);
    expect(result.stderr).toContain('(--help says how it is used)');
  });

  test.each([
    ['token revoke viewer1', 'There is no token viewer1: a token is named by its number.', 'token list'],
    ['run show abc', 'There is no run abc: a run is named by its number.', 'run list'],
    ['run log 7a', 'There is no run 7a: a run is named by its number.', 'run list'],
    ['job cancel x', 'There is no submission x: a submission is named by its number.', 'run list'],
  ])('%s wants a number', async (line, what, list) => {
    const { stderr } = await run(`${line} --server 127.0.0.1:47`);
    expect(stderr).toBe(`GC1048  ${what}\n        Look for its number with: groundcrew ${list}\n`);
  });

  test.each(['node shell n-12345678 ls --json', 'completion bash --json'])('%s is refused', async (line) => {
    expect(await run(line)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('has no --json') });
  });

  test('help is an answer, not an error; a group alone is one', async () => {
    const help = await run('run log --help');
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toContain('Example:\n  groundcrew run log -f 977');
    expect((await run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await run('run')).status).toBe(2);
    const { stdout } = await run('--help');
    const statuses = stdout.slice(stdout.indexOf('Exit status:'), stdout.indexOf('Example:')).match(/\d+ /g);
    expect(statuses?.map(Number)).toEqual(Object.values(EXIT));
    expect((await run([])).status).toBe(2);
  });
});

describe('servers', () => {
  test('none is known', async () => {
    const result = await run('run list');
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(
      /^GC1012 {2}No server is known: there is no .*client\.json\.\n {8}Start one here with: groundcrew server\. .*--data DIR/,
    );
  });

  test('the data here count before those beside the program, and data that are named alone', async () => {
    const place = (name: string): string => {
      mkdirSync(join(directory, name, '.groundcrew'), { recursive: true });
      return join(directory, name);
    };
    const [installation, used, unused] = [place('installation'), place('used'), place('unused')];
    const known = (where: string, port: number): void =>
      writeFileSync(join(where, '.groundcrew', 'client.json'), `{"url":"http://127.0.0.1:${port}","token":"t"}`);
    known(installation, 47);
    known(used, 48);
    const asked = async (where: string, environment: Record<string, string> = {}): Promise<string> =>
      (await run('run list', { directory: where, installation, environment })).stderr;
    expect(await asked(directory)).toMatch(/^GC1011 .*127\.0\.0\.1:47:/);
    expect(await asked(used)).toMatch(/^GC1011 .*127\.0\.0\.1:48:/);
    expect(await asked(unused)).toMatch(/^GC1012 .*there is no \S*unused\/\.groundcrew\/client\.json\.\n/);
    expect(await asked(directory, { GROUNDCREW_DATA: 'nowhere' })).toMatch(/^GC1012 .*there is no \S*nowhere\/client/);
    // Empty is as not set: it would mean the current directory.
    const empty = { GROUNDCREW_DATA: '', GROUNDCREW_SERVER: '', GROUNDCREW_TOKEN: '', DATABASE_URL: '' };
    expect(await asked(used, empty)).toMatch(/^GC1011 .*127\.0\.0\.1:48:/);
    rmSync(join(installation, '.groundcrew', 'client.json'));
    expect(await asked(directory)).toMatch(/^GC1012 .*client\.json, nor \S*installation\/\.groundcrew\/client\.json\./);
  });

  test('a backup is taken of the data here, never of those beside the program when there are any here', async () => {
    const installation = join(directory, 'beside');
    mkdirSync(join(installation, '.groundcrew'), { recursive: true });
    writeFileSync(join(installation, '.groundcrew', 'client.json'), '{"url":"http://127.0.0.1:47","token":"t"}');
    const environment = { DATABASE_URL: 'postgres://nobody@127.0.0.1:48/none' };
    expect((await run('export here.gcx', { installation, environment })).stderr).toContain('no server runs here');
    expect(existsSync(join(directory, '.groundcrew'))).toBe(false);
    expect((await run('export here.gcx', { installation })).stderr).toMatch(/^GC1011 .*127\.0\.0\.1:47:/);
  });

  test('commands are said as they are typed: by npx when that started this', async () => {
    const environment = { npm_command: 'exec' };
    expect((await run('run list', { environment })).stderr).toContain('Start one here with: npx groundcrew server.');
    expect((await run('run list')).stderr).toContain('Start one here with: groundcrew server.');
  });

  test('none answers', async () => {
    const result = await run('run list --server http://127.0.0.1:47');
    expect(result.stderr).toMatch(
      /^GC1011 {2}Cannot reach the server at http:\/\/127\.0\.0\.1:47: nothing listens there\. The address is from --server\.\n {8}Start one with: .* by its data directory with --data DIR \(GROUNDCREW_DATA\), by its address with --server URL/,
    );
    expect((await run(`run list --server ${stranger_url.replace('http', 'https')}`)).stderr).toMatch(
      /^GC1011 .*: it speaks http, not https\./,
    );
    expect((await run('run log -f 1 --server 127.0.0.1:47')).stderr).toMatch(/^GC1011 /);
    expect((await run('node shell n-12345678 --server 127.0.0.1:47')).stderr).toMatch(/^GC1011 /);
    expect((await run('export x.gcx --server 127.0.0.1:47')).stderr).toMatch(/^GC1011 /);
  });

  test.each(['ftp://host', 'http://', 'http://a b'])('the address %j is none', async (address) => {
    const result = await run(['run', 'list', '--server', address]);
    expect(result.stderr).toMatch(/^GC1011 {2}Cannot reach the server at .*: that is no address of a server/);
  });

  test('another kind of server', async () => {
    expect((await run(`run list --server ${stranger_url}`)).stderr).toContain(
      'the server answered 200 OK: <html>hello</html>',
    );
    expect((await run(`queue list --server ${stranger_url}`)).stderr).toContain(
      'the server answered 404 Not Found: not here',
    );
  });

  test('a token that is none is not sent, and not shown', async () => {
    const result = await run(['queue', 'list', '--server', stranger_url, '--token', 'se\ncret', '--verbose']);
    expect(result.stderr).toMatch(/^GC1003 .*the one of --token has characters that no token has\./);
    expect(result.stderr).not.toContain('cret');
  });

  test('a token that is refused is told with where it came from, and is sent to nobody else', async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      const problem = { code: 'GC1003', detail: 'The request carries no valid token: …', next: 'Pass one.' };
      response.writeHead(401).end(JSON.stringify(problem));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const here = join(directory, 'tokens');
    const client_file = join(here, '.groundcrew', 'client.json');
    mkdirSync(join(here, '.groundcrew'), { recursive: true });
    writeFileSync(client_file, JSON.stringify({ url: `http://127.0.0.1:${port}`, token: 'local' }));
    const said = async (environment: Record<string, string>, ...flags: string[]): Promise<string> =>
      (await run(['whoami', ...flags], { directory: here, environment })).stderr;
    const GROUNDCREW_SERVER = `127.0.0.1:${port}/`;
    expect(await said({ GROUNDCREW_TOKEN: 'set' }, '--token', 'flag')).toContain('; the token is from --token.\n');
    expect(await said({ GROUNDCREW_SERVER, GROUNDCREW_TOKEN: 'set' })).toContain(
      `The server is http://127.0.0.1:${port}; the token is from GROUNDCREW_TOKEN.\n`,
    );
    expect(await said({ GROUNDCREW_SERVER })).toContain(`; the token is from ${client_file}.\n`);
    expect(await said({ GROUNDCREW_SERVER: `http://localhost:${port}` })).toContain(
      `; no token was sent, since neither --token nor GROUNDCREW_TOKEN names one, and ${client_file} knows another server.\n`,
    );
    expect(asked).toEqual(['Bearer flag', 'Bearer set', 'Bearer local', undefined]);
    await new Promise((resolve) => server.close(resolve));
  });

  test('as JSON, an error is problem details on standard error', async () => {
    const result = await run('run list --json');
    expect(result.stdout).toBe('');
    expect(JSON.parse(result.stderr)).toMatchObject({
      code: 'GC1012',
      next: expect.stringContaining('groundcrew server'),
    });
    // Nothing was asked, so nothing answered with a status.
    expect(JSON.parse(result.stderr)).not.toHaveProperty('status');
  });
});

describe('files', () => {
  test('a wrong job file is told before any server is asked', async () => {
    const name = file('wrong.yaml', 'project: acme/widget\nbuild: 1\nnodes: jammy && && x86_64\nstep: [x]\n');
    const result = await run(`job submit ${name}`);
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('GC1601  The job file wrong.yaml has');
    expect(result.stderr).toMatch(/wrong\.yaml:3:\d+ {2}nodes: .*\n.*jammy && && x86_64\n +\^\^/);
    expect(result.stderr).toMatch(/wrong\.yaml:4:1 {2}step: unknown key. Did you mean "steps"\?/);
  });

  test('a variable that is missing, and one that nobody asked for', async () => {
    const name = file('variables.yaml', 'project: a/b\nbuild: ${GIT_COMMIT}\nnodes: x\nsteps: ["true"]\n');
    expect((await run(`job submit ${name}`)).stderr).toContain(
      'GIT_COMMIT} is not set in the environment. Set it, pass --var GIT_COMMIT=…, or give a default: ',
    );
    const mistyped = await run(`job submit ${name} --var GIT_COMIT=1`);
    expect(mistyped.status).toBe(2);
    expect(mistyped.stderr).toContain(
      '--var GIT_COMIT: variables.yaml does not name this variable. Did you mean GIT_COMMIT?',
    );
    const sources = await run(`job submit ${name} --var GIT_COMMIT=1 --checkout .`);
    expect(sources.stderr).toContain('--checkout: variables.yaml has no "checkout"');
  });

  test('sources that are not there are told with the line that names them', async () => {
    const name = file('lost.yaml', 'project: a/b\nbuild: 1\ncheckout: nowhere\nnodes: x\nsteps: ["true"]\n');
    expect((await run(`job submit ${name}`)).stderr).toBe(
      `GC1017  Cannot pack the sources in ${directory}/nowhere: there is no such directory. It is named at lost.yaml:3 by: checkout: nowhere
        Name the directory of the sources with checkout: in the job file, or with --checkout DIRECTORY.\n`,
    );
    await expect(packCheckout([join(directory, 'gone')])).rejects.toThrow(/gone: there is no such directory\.$/);
  });

  test('no job file, or none that can be read', async () => {
    expect((await run('job submit')).stderr).toMatch(
      /^GC1044 {2}Cannot read the job file job\.yaml: there is no such file\./,
    );
    expect((await run('job submit .')).stderr).toContain('it is a directory, not a file');
  });

  test('a configuration is checked with lines and suggestions', async () => {
    const name = file(
      'bad.yaml',
      'labels: {jammy: {redy: 1}}\nproviders:\n  here: {driver: local, nodes: [{labels: [a b]}]}\n',
    );
    const result = await run(`config check ${name}`);
    expect(result.status).toBe(1);
    expect(result.stdout).toMatch(/bad\.yaml:1:18 {2}labels\.jammy\.redy: unknown key. Did you mean "ready"\?/);
    expect(JSON.parse((await run(`config check ${name} --json`)).stdout)).toMatchObject({
      ok: false,
      summary: null,
    });
    file('fine.yaml', 'labels: {jammy: {ready: 1}}\nproviders: {here: {driver: local, nodes: [{labels: [jammy]}]}}\n');
    expect((await run('config check fine.yaml')).stdout).toMatch(/✓ .*fine\.yaml is valid/);
    expect(JSON.parse((await run('config check fine.yaml --json')).stdout)).toMatchObject({
      summary: {
        labels: [{ name: 'jammy', ready: 1, max_ready_age_ms: null }],
        providers: [{ name: 'here', driver: 'local', node_types: ['jammy'], at_most: null }],
      },
    });
    expect((await run('config check')).stdout).toContain('there is no groundcrew.yaml here');
    expect((await run('config check none.yaml')).stderr).toMatch(
      /^GC1102 .*\n {8}Name another with: groundcrew config check FILE/,
    );
    expect((await run('server --config none.yaml')).stderr).toMatch(/^GC1102 .*\n {8}Name another with: --config FILE/);
    expect((await run(`server --config ${join(directory, name)} --port 0`)).stderr).toMatch(
      /^GC1101 .*then run: groundcrew config check \S+bad\.yaml\n$/s,
    );
  });

  test('an import that fails leaves nothing of its own behind, and needs no secret of the nodes', async () => {
    const name = file(
      'secrets.yaml',
      'providers: {a: {driver: local, nodes: [{labels: b, env: {TOKEN: "${LAB_TOKEN}"}}]}}\nblobs: {directory: objects}\n',
    );
    mkdirSync(join(directory, 'kept'));
    writeFileSync(join(directory, 'kept', 'mine'), 'x');
    for (const data of ['new/below', 'kept']) {
      const result = await run(`import ${file('cut.gcx', 'x')} --data ${data} --config ${name}`);
      expect(result.stderr).toMatch(/^GC1215 .*Nothing was changed\./);
    }
    expect(existsSync(join(directory, 'new'))).toBe(false);
    expect(readdirSync(join(directory, 'kept'))).toEqual(['mine']);
    const wrong = file('wrong-blobs.yaml', 'blobs: {directory: "${OBJECTS}"}\n');
    const refused = await run(`import cut.gcx --data new --config ${wrong}`);
    expect(refused.stderr).toContain('blobs.directory: ${OBJECTS} is not set in the environment');
  }, 60_000);

  test('a backup is written over no file, and another one is named by the argument', async () => {
    expect((await run(`export ${file('old.gcx', 'x')}`)).stderr).toMatch(
      /it exists already; --force writes over it\.\n {8}Name another file with: groundcrew export FILE\.\n/,
    );
  });

  test('a wrong address of a database', async () => {
    const environment = { DATABASE_URL: 'postgres://nobody@127.0.0.1:47/none' };
    const result = await run(`import ${file('x.gcx', 'x')} --data other`, { environment });
    expect(result.stderr).toMatch(/^GC1201 {2}Cannot reach the database at /);
  });
});
