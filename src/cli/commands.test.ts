import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunId } from '../base/ids.ts';
import { until } from '../server/testing/scratch-server.ts';
import { type RealServer, startReal, writeJob } from './testing/real-server.ts';
import { widthOf } from './text/width.ts';

const PASSING = '<testsuite name="parser"><testcase name="reads" time="0.1"/><testcase name="writes"/></testsuite>';
const FAILING =
  '<testsuite name="parser"><testcase name="reads" time="0.1"/><testcase name="writes" file="parser.test.js" line="41"><failure message="expected 1 to equal 2"/></testcase></testsuite>';

let real: RealServer;
let held = '';

/** What differs from run to run. */
function masked(text: string): string {
  return text
    .replace(/n-[0-9a-z]{8}/g, 'n-xxxxxxxx')
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, 'URL')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, 'WHEN')
    .replace(/ *\b\d+(\.\d+)? (ms|s|min|h)( \d+ (s|min))?\b/g, ' TIME')
    .replace(/-+/g, '-');
}

beforeAll(async () => {
  real = await startReal();
}, 60_000);

afterAll(() => real?.close(), 60_000);

async function json<T>(line: string | readonly string[]): Promise<T> {
  const result = await real.run(typeof line === 'string' ? `${line} --json` : [...line, '--json']);
  expect(result.stderr).toBe('');
  expect(result.status).toBe(0);
  return JSON.parse(result.stdout) as T;
}

describe('before there is anything', () => {
  test.each([
    ['run list', 'There are no runs yet. Hand in work with: groundcrew job submit job.yaml'],
    ['run list --verdict failed', 'No run is like that. All of them: groundcrew run list'],
    ['build list', 'There are no builds yet. The first job makes one: groundcrew job submit job.yaml'],
    ['project list', 'There are no projects yet. The first job makes one: groundcrew job submit job.yaml'],
    ['request list', 'There are no requests yet. A job makes them: groundcrew job submit job.yaml'],
    ['hold list', 'Nothing is held.'],
    ['node list --label arm', 'No node is like that. All of them: groundcrew node list'],
  ])('%s says what to do', async (line, said) => {
    const result = await real.run(line);
    expect(result).toMatchObject({ status: 0, stdout: '' });
    expect(result.stderr).toContain(said);
  });
});

describe('two builds on a real node', () => {
  test('a submission is followed to its end, and passes', async () => {
    const file = writeJob(real, 'good', PASSING);
    const result = await real.run(['job', 'submit', file, '--var', 'VERSION=one', '--wait']);
    expect(result.stderr).toBe('');
    expect(masked(result.stdout)).toBe(
      [
        'Submission 1: acme/widget@one, 1 run',
        '  ▸ jammy runs on n-xxxxxxxx',
        '  jammy  ✓ passed  2 passed   run 1   waited TIME   ran TIME',
        '',
      ].join('\n'),
    );
    expect(result.status).toBe(0);
  }, 60_000);

  test('one that fails ends with 3, says what failed, and its node is held', async () => {
    const file = writeJob(real, 'bad', FAILING, 'on_failure: {hold: 1h}\n');
    const environment = { ...real.environment, VERSION: 'two', GREETING: 'night', UNNAMED: 'never sent' };
    const result = await real.run(`job submit ${file} --wait`, { environment });
    expect(result.status).toBe(3);
    expect(masked(result.stdout)).toContain(
      [
        '  jammy  ✗ failed  1 passed  1 failed   run 2   waited TIME   ran TIME',
        '      1 test failed',
        '      ✗ parser: writes',
        '        expected 1 to equal 2',
        '      log: groundcrew run log 2',
        '      look around on its node: groundcrew node shell n-xxxxxxxx',
        'What changed since one: groundcrew build compare acme/widget@two',
        '',
      ].join('\n'),
    );
    held = /node shell (n-[0-9a-z]{8})/.exec(result.stdout)?.[1] ?? '';
    expect((await real.run('run log 2')).stdout).toContain('begin of night');
  }, 60_000);

  test('lists and details say it', async () => {
    const list = masked((await real.run('run list')).stdout);
    expect(list).toMatch(/^Run {2}state {5}build {12}environment {2}job +age +ran {2}submission {2}tests\n/);
    expect(list).toMatch(/ 2 {2}✗ failed {2}acme\/widget@two {2}jammy {8}main TIME TIME +2 {2}1 ✓ {2}1 ✗ {2}■ held\n/);
    expect((await real.run('project list')).stdout).toContain('acme/widget       2  two');
    const builds = masked((await real.run('build list --project acme/widget')).stdout);
    expect(builds).toMatch(/^Build {2}state {5}project {6}version +age {2}tests\n/);
    expect(builds).toMatch(/\n {4}2 {2}✗ failed {2}acme\/widget {2}two TIME {2}1 ✓ {2}1 ✗\n/);
    const build = masked((await real.run('build show acme/widget@two')).stdout);
    expect(build).toContain('✗ failed   2 tests: 1 passed  1 failed\n');
    expect(build).toContain('What changed since one: groundcrew build compare acme/widget@two\n');
    expect(masked((await real.run('build show 2')).stdout)).toBe(build);
    const run = masked((await real.run('run show 2')).stdout);
    expect(run).toContain(
      '✗ failed: 1 test failed\n  run 2, acme/widget@two, jammy, job main, submission 2\n  1 passed  1 failed\n',
    );
    expect(run).toContain('  ✗ fail   parser: writes\n      expected 1 to equal 2');
    expect(run).toContain('is held for local for TIME more');
    expect(run).toMatch(/ {2}test {2}✗ failed {2}exit 1 TIME/);
  });

  test('a comparison is told in signs and words, and can fail a script', async () => {
    const result = await real.run('build compare acme/widget@two');
    expect(result.stdout).toBe(
      [
        'acme/widget@one → acme/widget@two',
        '✗ regression  jammy  parser: writes',
        '                     expected 1 to equal 2   parser.test.js:41',
        '',
      ].join('\n'),
    );
    expect(result.status).toBe(0);
    expect((await real.run('build compare 2 --from acme/widget@one --fail-on-regression')).status).toBe(3);
    expect((await real.run('build compare acme/widget@one --from two --fail-on-regression')).status).toBe(0);
    expect((await real.run('build compare acme/widget@one')).stderr).toContain('GC1016');
  });

  test('a test is found, and its history is a row of signs', async () => {
    expect((await real.run('test find acme/widget WRIT')).stdout).toBe('Suite   name\nparser  writes\n');
    const history = await real.run(['test', 'history', 'acme/widget', 'parser: writes']);
    expect(masked(history.stdout)).toMatch(
      /^parser: writes\n {2}jammy {2}✗✓\n\n {2}jammy {2}fails since two, last passed in one\n\nBuild +age {2}jammy\ntwo TIME {2}✗ fail.*\none TIME {2}✓ pass/,
    );
    expect(masked((await real.run('test history acme/widget parser writes')).stdout)).toBe(masked(history.stdout));
    expect((await real.run('test history acme/widget parser')).stderr).toContain('has 2 tests that "parser" may mean');
  });

  test('a log is whole in a pipe, and colours are kept on a terminal unless unwanted', async () => {
    const log = (await real.run('run log 2')).stdout;
    expect(log).toContain('\u001b[31mred\u001b[0m\n');
    expect((await real.run('run log -f 2')).stdout).toBe(log);
    expect((await real.run('run log 2', { columns: 80 })).stdout).toContain('\u001b[31mred');
    expect((await real.run('run log 2 --no-color', { columns: 80 })).stdout).not.toContain('\u001b');
    const events = (await real.run('run log 2 --json')).stdout.trim().split('\n');
    const data = events.map((line) => (JSON.parse(line) as { data: string }).data);
    expect(Buffer.concat(data.map((text) => Buffer.from(text, 'base64'))).toString()).toBe(log);
  });

  test('a file that a run left is fetched whole, and never over another one', async () => {
    expect(masked((await real.run('run show 2')).stdout)).toContain('\n  fetch it: groundcrew run get 2 junit.xml\n');
    const fetched = await real.run('run get 2 ./junit.xml');
    expect(fetched).toMatchObject({ status: 0, stderr: '', stdout: expect.stringMatching(/^✓ junit\.xml, \d+ B\n$/) });
    const file = join(real.directory, 'junit.xml');
    expect(readFileSync(file, 'utf8')).toBe(FAILING);
    expect((await real.run('run get 1 junit.xml')).stderr).toMatch(/^GC1042 {2}Cannot write junit\.xml: it exists al/);
    expect(readFileSync(file, 'utf8')).toBe(FAILING);
    expect(await json('run get 1 junit.xml --force')).toMatchObject({ file: 'junit.xml', size: PASSING.length });
    expect(readFileSync(file, 'utf8')).toBe(PASSING);
    expect(await real.run('run get 2 junit.xml --output -')).toEqual({ status: 0, stdout: FAILING, stderr: '' });
    expect((await real.run('run get 2 junit.xml --output -', { columns: 80 })).status).toBe(2);
    expect((await real.run('run get 2 junit.xml --output good')).stdout).toMatch(/^✓ good\/junit\.xml, /);
    expect((await real.run('run get 2 junit.xml --output none/x')).stderr).toContain('there is no such directory.');
    expect((await real.run('run get 2 junit.xm')).stderr).toMatch(
      /^GC1045 {2}Run 2 left no file junit\.xm\. Did you mean junit\.xml\?/,
    );
    const { db } = real.server.running.services.connection;
    await db
      .updateTable('artifacts')
      .set({ sha256: Buffer.alloc(32) })
      .where('run_id', '=', 1 as RunId)
      .execute();
    const other = await real.run('run get 1 junit.xml --output other.xml');
    expect(other).toMatchObject({ status: 1, stderr: expect.stringContaining('GC1046') });
    expect(readdirSync(real.directory).filter((name) => name.startsWith('other'))).toEqual([]);
  });

  test('requests and nodes say why', async () => {
    const node = (await json<{ node: { id: string } }>(`node show ${held}`)).node;
    expect(node.id).toBe(held);
    expect(masked((await real.run('request explain r-1')).stdout)).toBe(
      'r-1 wanted 1 × jammy and got n-xxxxxxxx after TIME.\n',
    );
    expect(masked((await real.run('request show 1')).stdout)).toContain('  made   WHEN by local\n  run    1\n');
    const story = masked((await real.run(`node explain ${held}`)).stdout);
    expect(story).toMatch(/^n-xxxxxxxx has been held for TIME: run 2 failed: 1 test failed\.\n/);
    expect(story).toMatch(/\n {2}\d\d:\d\d:\d\d planned +jammy below its target/);
    const shown = (await real.run(`node show ${held}`, { columns: 80 })).stdout;
    expect(shown).toContain('groundcrew node shell');
    for (const line of shown.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(80);
    expect((await real.run('hold list')).stdout).toContain(
      `${held}   1 h  local    2  groundcrew node shell ${held}  run 2 failed`,
    );
    expect((await real.run('fleet')).stdout).toMatch(
      /^Label {2}target {2}ready {2}launching {2}in use {2}held {2}waiting {2}wait p95 {2}last hour *\njammy +1 .* ·*[▁-█]/,
    );
    expect((await real.run('fleet show')).stdout).toMatch(/\nhere +✓ ok +local +\d\/4 +– +\d/);
    expect((await real.run('fleet sweep here')).stderr).toBe('Nothing has leaked at here.\n');
    expect((await real.run('fleet agree')).stdout).toBe('✓ it did not only observe: nothing changed\n');
    expect((await real.run('queue list')).stdout).toMatch(
      /^Lane +waiting {2}running {2}dead {2}oldest waits\nfetch +0 /,
    );
  });

  test('--json is exactly what the API answers', async () => {
    const pairs: [string, string][] = [
      ['run list', '/api/v1/runs'],
      ['run show 2', '/api/v1/runs/2'],
      ['build list', '/api/v1/builds'],
      ['build show acme/widget@two', '/api/v1/builds/2'],
      ['build compare acme/widget@two', '/api/v1/compare?project=acme/widget&to=two'],
      ['test find acme/widget writ', '/api/v1/tests?project=acme/widget&text=writ'],
      [
        'test history acme/widget writes',
        '/api/v1/tests/history?project=acme/widget&suite=parser&name=writes&limit=20',
      ],
      ['project list', '/api/v1/projects'],
      ['request explain r-2', '/api/v1/requests/r-2/explain'],
      ['hold list', '/api/v1/holds'],
      ['token list', '/api/v1/tokens'],
      ['queue list', '/api/v1/queue'],
      ['queue dead', '/api/v1/queue/dead'],
    ];
    for (const [line, path] of pairs) {
      const read = async (): Promise<unknown> => await (await real.server.call('GET', path)).json();
      // Nodes and the queue go on behind: it counts when nothing changed while the command ran.
      await until(`${line} while nothing changes`, async () => {
        const [before, said, after] = [await read(), await json(line), await read()];
        if (JSON.stringify(before) !== JSON.stringify(after)) return false;
        expect(said, line).toEqual(after);
        return true;
      });
    }
  });

  test('no table is wider than the terminal', async () => {
    const lines = [
      'run list',
      'node list',
      'node list --state deleted',
      'build list',
      'request list',
      'hold list',
      'fleet',
      'token list',
    ];
    for (const line of [...lines, 'build show 2', 'test history acme/widget writes', 'build compare 2']) {
      for (const columns of [80, 120]) {
        const { stdout } = await real.run(line, { columns });
        for (const one of stdout.split('\n'))
          expect(widthOf(one), `${line} in ${columns}`).toBeLessThanOrEqual(columns);
      }
    }
  });

  test('the next page is named', async () => {
    const first = await real.run('run list --limit 1');
    expect(first.stdout).toMatch(/\n *2 {2}/);
    const cursor = /There are more\. Go on with: (--cursor \S+)/.exec(first.stderr)?.[1];
    expect((await real.run(`run list --limit 1 ${cursor}`)).stdout).toMatch(/\n *1 {2}/);
  });
});

describe('a shell on the held node', () => {
  test('runs a command on plain pipes, with its input, its bytes and its status', async () => {
    const result = await real.run(['node', 'shell', held, '--', 'cat results.xml; exit 7']);
    expect(result).toEqual({ status: 7, stdout: FAILING, stderr: '' });
    const several = await real.run(['node', 'shell', held, '--', 'printf', '%s|', "it's", 'a  b', '*']);
    expect(several).toEqual({ status: 0, stdout: "it's|a  b|*|", stderr: '' });
    const big = 'line of input\n'.repeat(20_000);
    const counted = await real.run(['node', 'shell', held, '--', 'wc -c'], { stdin: big });
    expect(counted.stdout.trim()).toBe(String(big.length));
  }, 60_000);

  test('without a terminal, standard input is the script', async () => {
    const result = await real.run(['node', 'shell', held], { stdin: 'echo from $((40 + 2))\nexit 5\n' });
    expect(result).toEqual({ status: 5, stdout: 'from 42\n', stderr: '' });
  }, 60_000);

  test('is ended by Ctrl-C', async () => {
    // Not by pgrep, which a machine may lack.
    const SLEEPERS =
      'for file in /proc/[0-9]*/cmdline; do tr "\\0" " " <$file; echo; done 2>/dev/null | grep "sleep 6[0]" || true';
    const controller = new AbortController();
    const ended = real.run(['node', 'shell', held, '--', 'echo begun; sleep 60'], { interruption: controller.signal });
    await until('the command runs', async () => {
      const look = await real.run(['node', 'shell', held, '--', SLEEPERS]);
      return look.stdout.trim() !== '';
    });
    controller.abort();
    expect((await ended).status).toBe(130);
    await until('the command is gone, too', async () => {
      const look = await real.run(['node', 'shell', held, '--', SLEEPERS]);
      return look.stdout.trim() === '';
    });
  }, 60_000);

  test('is refused in words', async () => {
    expect((await real.run('node shell n-00000000')).stderr).toMatch(/^GC1002 {2}There is no node n-00000000\./);
    const { items } = await json<{ items: { id: string }[] }>('node list --state deleted,deleting');
    const gone = items[0]?.id as string;
    expect((await real.run(`node shell ${gone}`)).stderr).toMatch(
      /^GC1009 {2}Cannot open a shell on node .*: it is delet/,
    );
  });
});

describe('holds, requests that wait, and ends', () => {
  test('a ready node is held, extended and released; a held one is deleted', async () => {
    const node = await until('a ready node', async () => {
      const { items } = await json<{ items: { id: string }[] }>('node list --state ready');
      return items[0]?.id;
    });
    expect((await real.run(['node', 'hold', node, '--for', '2h', '--reason', 'a look'])).stdout).toBe(
      `✓ ${node} is kept for 2 h. Enter it with: groundcrew node shell ${node}\n`,
    );
    expect((await real.run('hold list')).stdout).toContain('a look');
    expect((await real.run(`node hold ${node}`)).stderr).toMatch(
      /^GC1402 {2}Cannot hold node .*\n {8}Keep it for longer with: groundcrew node extend /,
    );
    expect((await real.run(`node extend ${node} --for 30m`)).status).toBe(0);
    expect((await real.run(`node release ${node}`)).stdout).toBe(`✓ ${node} is released\n`);
    expect((await real.run(`node delete ${held}`)).stdout).toBe(`✓ ${held} is being deleted\n`);
  });

  test('a run that nothing can serve is refused with the reason', async () => {
    const file = 'gpu.yaml';
    writeFileSync(join(real.directory, file), 'project: acme/gpu\nbuild: "1"\nnodes: jammy && gpu\nsteps: ["true"]\n');
    const result = await real.run(`job submit ${file} --wait`);
    expect(result.status).toBe(1);
    const said = /^! run \d+ \(default, job main\) can never be served: no node type carries gpu/;
    expect(result.stderr).toMatch(said);
    expect(result.stdout).toContain('no node type carries gpu');
    expect(result.stdout).not.toContain('run log');
    const alone = await real.run(`job submit ${file}`);
    expect(alone).toMatchObject({ status: 1, stderr: expect.stringMatching(said) });
    expect(alone.stdout).toMatch(/^! submission/);
    const later = 'gpu-later.yaml';
    const jobs = 'jobs:\n  a: {nodes: jammy, steps: ["true"]}\n  b: {nodes: gpu, after: [a], steps: ["true"]}\n';
    writeFileSync(join(real.directory, later), `project: acme/gpu\nbuild: "1"\n${jobs}`);
    const document = await real.run(`job submit ${later} --json`);
    expect(document.status).toBe(1);
    const submission = JSON.parse(document.stdout) as { id: number; runs: { id: number }[]; impossible: unknown[] };
    expect(submission.impossible).toEqual([
      { run_id: submission.runs[1]?.id, reason: expect.stringContaining('no node type carries gpu') },
    ]);
    await real.run(`job cancel ${submission.id}`);
    const refused = await real.run('request list --state refused');
    expect(refused.stdout).toContain('jammy && gpu');
  }, 60_000);

  test('a run that waits says why, and is cancelled with its submission', async () => {
    const text =
      'project: acme/many\nbuild: "1"\nnodes: jammy\nmatrix: {part: [a, b, c, d, e, f]}\nsteps: [sleep 60]\n';
    writeFileSync(join(real.directory, 'many.yaml'), text);
    const submitted = await json<{ id: number; runs: { id: number }[] }>('job submit many.yaml');
    expect(submitted.runs).toHaveLength(6);
    const waiting = await until('a request that waits for room', async () => {
      const { items } = await json<{ items: { id: string; run_id: number }[] }>('request list --state waiting');
      return items[0];
    });
    const busy = await until('a node at work', async () => {
      const { stdout } = await real.run('node list --state assigned,running');
      return stdout.includes('serves run') ? stdout : undefined;
    });
    expect(busy).not.toContain('below its target');
    const why = await real.run(['request', 'explain', waiting.id]);
    expect(why.stdout).toMatch(new RegExp(`^${waiting.id} wants 1 × jammy\\. It has waited .*\\n {2}here {2}\\S`));
    expect((await real.run(`run show ${waiting.run_id}`)).stdout).toContain(
      `why it waits: groundcrew request explain ${waiting.id}`,
    );
    const cancelled = await real.run(`job cancel ${submitted.id} --reason enough`);
    expect(cancelled.stdout).toBe(`✓ submission ${submitted.id}: 6 runs are being cancelled\n`);
    await until('all of it has ended', async () => {
      const { items } = await json<{ items: { state: string }[] }>('run list --project acme/many');
      return items.every((run) => run.state === 'finished');
    });
    const nothing = await real.run(`job cancel ${submitted.id}`);
    expect(nothing).toEqual({
      status: 0,
      stderr: '',
      stdout: `✓ submission ${submitted.id}: nothing of it was still going\n`,
    });
    expect((await real.run(`run show ${waiting.run_id}`)).stdout).toContain('− cancelled: enough');
    expect((await real.run(`run cancel ${waiting.run_id}`)).stderr).toMatch(/^GC1009 {2}Cannot cancel run/);
    expect((await real.run('job cancel 999')).stderr).toMatch(/^GC1002 {2}There is no submission 999\./);
    for (const line of ['run list --project nope/nope', 'build list --project nope/nope', 'test find nope/nope x']) {
      const { status, stderr } = await real.run(line);
      expect([line, status, stderr]).toEqual([
        line,
        1,
        expect.stringMatching(/^GC1002 {2}There is no project nope\/nope\./),
      ]);
    }
  }, 60_000);
});

describe('tokens and signing in', () => {
  test('a token is shown where it is made and nowhere else', async () => {
    const made = await real.run('token create ci --role viewer --expires 90d');
    const secret = made.stdout.trim();
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(made.stderr).toBe('Token 3, viewer, shown this once. It lasts 90 d.\n');
    const environment = { ...real.environment, GROUNDCREW_TOKEN: secret };
    expect((await real.run('whoami', { environment })).stdout).toContain('ci, with the role viewer');
    const refused = await real.run('token list --verbose', { environment });
    expect(refused.stderr).toMatch(/GC1004 {2}The token may not do this: it has the role viewer/);
    expect((await real.run('token list')).stdout).toMatch(/ 3 {2}ci +viewer {2}.* ago {2}✓ 9\d d left\n|✓ 90 d left/);
    expect((await real.run('token revoke 3')).stdout).toBe('✓ token 3 is revoked\n');
    expect((await real.run('token revoke 3')).stderr).toMatch(
      /^GC1025 {2}Cannot revoke token 3: it is revoked already\./,
    );
    expect((await real.run('token revoke 99')).stderr).toMatch(/^GC1002 /);
    const revoked = await real.run('whoami --verbose', { environment });
    expect(revoked.stderr).toContain('GC1003');
    expect(`${refused.stderr}${refused.stdout}${revoked.stderr}`).not.toContain(secret);
  });

  test('a sign-in link works once', async () => {
    const link = (await real.run('enter')).stdout.trim();
    expect((await fetch(link, { redirect: 'manual' })).status).toBe(303);
    expect((await fetch(link, { redirect: 'manual' })).status).toBe(410);
  });
});

describe('backups', () => {
  test('a running server is exported whole, and imported elsewhere', async () => {
    const exported = await real.run('export backup.gcx');
    expect(exported.stdout).toMatch(
      /^✓ backup\.gcx, .* KiB\. Read it with: groundcrew import backup\.gcx --data DIRECTORY\n$/,
    );
    expect(statSync(join(real.directory, 'backup.gcx')).mode & 0o777).toBe(0o600);
    expect((await real.run('export backup.gcx')).stderr).toMatch(
      /^GC1042 {2}Cannot write backup\.gcx: it exists already/,
    );
    expect((await real.run('import backup.gcx')).stderr).toMatch(/^GC1207 /);
    const imported = await real.run('import backup.gcx --data restored');
    expect(imported.stderr).toBe('');
    expect(imported.stdout).toMatch(
      /^✓ backup\.gcx is in .*restored: \d+ tables, \d+ rows, \d+ objects\n {2}It only observes/,
    );
    expect((await real.run('import backup.gcx --data restored')).stderr).toMatch(/^GC1214 /);
    const again = await real.run('export again.gcx --data restored', { environment: {} });
    expect(again.stderr).toContain('no server runs here');
    expect(again.status).toBe(0);
    expect((await real.run('import nothing.gcx --data cut')).stderr).toMatch(
      /^GC1043 {2}Cannot read nothing\.gcx: there is no such file/,
    );
    expect((await real.run('export none/backup.gcx')).stderr).toMatch(
      /^GC1042 {2}Cannot write none\/backup\.gcx: there is no such directory/,
    );
  }, 60_000);
});
