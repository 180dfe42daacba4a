import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assignment, type Bench, openBench, step } from '../../testing/harness.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  const problems = [...bench.server.problems];
  await bench.close();
  expect(problems).toEqual([]);
});

async function run(
  change: Parameters<typeof assignment>[0],
  ...how: Parameters<Bench['startAgent']>
): Promise<{ log: string; state: string; reason: string }> {
  bench.startAgent(...how);
  await bench.server.until('connected', () => bench.server.isConnected());
  const run = bench.server.assign(assignment(change));
  await bench.server.until('the run has ended', () => run.outcome !== null, 25_000);
  return { log: run.log.toString(), state: run.outcome!.state, reason: run.outcome!.reason };
}

const stored = (): string[] =>
  [...bench.server.http.artifacts.entries()]
    // Several come at once; results are whole before the first artifact comes.
    .sort(([, one], [, two]) => (one.kind === two.kind ? one.ordinal - two.ordinal : 0))
    .map(([key, file]) => `${key} ${file.ordinal} ${file.format}`);

async function archive(): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'data.bin' }, Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251)));
  tar.entry({ name: 'run.sh', mode: 0o755 }, '#!/bin/sh\ncksum < data.bin\n');
  tar.finalize();
  const parts: Buffer[] = [];
  for await (const part of tar as unknown as AsyncIterable<Buffer>) parts.push(part);
  return gzipSync(Buffer.concat(parts), { level: 0 });
}

test('results in the order of globs and names, artifacts, after a failed step; nothing through a link that leads out', async () => {
  writeFileSync(join(bench.directory, 'secret'), 'secret');
  mkdirSync(join(bench.directory, 'outside'));
  writeFileSync(join(bench.directory, 'outside', 'file'), 'secret');
  const script = [
    'for i in 10 2 1; do echo "attempt $i" > attempt-$i.xml; done; echo first > z.xml',
    'mkdir -p logs/deep; echo a > logs/a.log; echo b > logs/deep/b.log; : > logs/empty; chmod 600 logs/a.log',
    'ln -s ../../../secret logs/trap; ln -s ../../../outside logs/door; ln -s a.log logs/inside',
    'exit 1',
  ].join('\n');
  const end = await run({
    steps: [step(script)],
    results: [
      { path: 'z.xml', format: 'junit' },
      { path: 'attempt-*.xml', format: 'junit' },
    ],
    artifacts: ['logs', 'nothing/*', '../../*', 'logs/door/*', 'logs/**'],
  });
  expect(end.state).toBe('failed');
  expect(stored()).toEqual([
    'result:z.xml 0 junit',
    'result:attempt-1.xml 1 junit',
    'result:attempt-2.xml 2 junit',
    'result:attempt-10.xml 3 junit',
    'artifact:logs/a.log 0 null',
    'artifact:logs/deep/b.log 1 null',
    'artifact:logs/empty 2 null',
    'artifact:logs/inside 3 null',
  ]);
  expect(bench.server.http.artifacts.get('artifact:logs/a.log')?.data.toString()).toBe('a\n');
  expect(end.log).toContain('groundcrew: no file matches artifact "nothing/*"\n');
});

test('an upload that is cut goes on where the server has it', async () => {
  bench.server.http.cuts.push(700_000, 900_000);
  const steps = [step('yes abcdefg | head -c 5000000 > big; echo x > small')];
  const end = await run({ steps, artifacts: ['big', 'small'] }, { uploads_at_once: 1 });
  expect(end.state).toBe('passed');
  expect(bench.server.http.artifacts.get('artifact:big')?.data.equals(Buffer.alloc(5_000_000, 'abcdefg\n'))).toBe(true);
  const [first, second, third] = bench.server.http.put_offsets;
  expect(first).toBe(0);
  expect(second).toBeGreaterThanOrEqual(700_000);
  expect(third).toBeGreaterThan(second!);
  expect(bench.server.repeats).toEqual([]);
});

test('a server that fails for a while gets the file later; one that refuses it fails the run by its result', async () => {
  bench.server.http.statuses.push(503, 503, 413);
  const end = await run({
    steps: [step('echo a > a.xml; echo b > b.txt; echo c > c.txt')],
    results: [{ path: 'a.xml', format: 'junit' }],
    artifacts: ['*.txt'],
  });
  expect(end.state).toBe('failed');
  expect(end.reason).toContain('result a.xml could not be uploaded: The server answered 413 to PUT');
  expect(stored()).toEqual(['artifact:b.txt 0 null', 'artifact:c.txt 1 null']);
});

test('a run whose steps passed fails when a result is left out, after the others were sent; not for an artifact', async () => {
  const files = 'for i in 1 2 3; do echo $i > $i.xml; echo $i > $i.txt; done';
  const limits = { result_count: 2, artifact_count: 2 };
  const results = [{ path: '*.xml', format: 'junit' as const }];
  const end = await run({ steps: [step(files)], results, artifacts: ['*.txt'] }, limits);
  expect(end).toMatchObject({
    state: 'failed',
    reason: 'not all results could be taken: the result 3.xml was left out: beyond the limit of 2 files',
  });
  expect(end.log).toContain('groundcrew: the artifact 3.txt was left out: beyond the limit of 2 files\n');
  expect(stored()).toEqual([
    'result:1.xml 0 junit',
    'result:2.xml 1 junit',
    'artifact:1.txt 0 null',
    'artifact:2.txt 1 null',
  ]);
});

test('many small files are under way at once, up to a bound', async () => {
  bench.server.http.together = 4;
  const results = [{ path: '*.xml', format: 'junit' as const }];
  const end = await run({ steps: [step('for i in 1 2 3 4 5 6 7 8; do echo $i > $i.xml; done')], results });
  expect(end.state).toBe('passed');
  expect(stored()).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((name) => `result:${name}.xml ${name - 1} junit`));
  expect(bench.server.http.puts.most).toBe(4);
});

test('more artifacts than are taken do not fail a run', async () => {
  const files = 'echo 1 > 1.xml; echo 1 > 1.txt; echo 2 > 2.txt';
  const results = [{ path: '*.xml', format: 'junit' as const }];
  const end = await run({ steps: [step(files)], results, artifacts: ['*.txt'] }, { artifact_count: 1 });
  expect(end.state).toBe('passed');
  expect(end.log).toContain('groundcrew: the artifact 2.txt was left out: beyond the limit of 1 files\n');
});

test('a workspace that cannot be read for long ends the run', async () => {
  const hang = 'case "$*" in *" workspace files "*) exec sleep 100;; esac; exec "$@"';
  const end = await run({ steps: [step('true')], artifacts: ['*'] }, { transfer_ms: 300 }, undefined, [
    'sh',
    '-c',
    hang,
    'sh',
  ]);
  expect(end).toMatchObject({
    state: 'infra',
    reason: 'the results could not be collected: the workspace process said nothing for 300 ms',
  });
});

/** Instead of the child that reads the workspace: `sh`, which counts its starts in a file and ends itself in some way. */
const childThat = (script: string): string[] => [
  'sh',
  '-c',
  `case "$*" in *" workspace files "*) echo >> "${join(bench.directory, 'starts')}"; ${script};; esac; exec "$@"`,
  'sh',
];
const starts = (): number => readFileSync(join(bench.directory, 'starts'), 'utf8').length;

/** Answers to `collect` with one file; each question for its bytes ends it. */
const diesReading = (kind: 'result' | 'artifact'): string => {
  const file = {
    kind,
    path: 'a',
    ordinal: 0,
    format: kind === 'result' ? 'junit' : null,
    size_bytes: 2,
    sha256: createHash('sha256').update('a\n').digest('hex'),
  };
  const lines = [{ file }, { notes: [], lost_results: [] }].map((line) => JSON.stringify(line)).join('\n');
  return `while read -r line; do case $line in *collect*) echo '${lines}';; *) kill -9 $$;; esac; done`;
};

test.each(['collecting', 'reading'])(
  'a child that is killed while %s is started anew, and the files come whole',
  async (when) => {
    const dies = when === 'collecting' ? 'kill -9 $$' : diesReading('result');
    const once = `if mkdir "${bench.directory}/was" 2>/dev/null; then ${dies}; fi`;
    const results = [{ path: 'a', format: 'junit' as const }];
    const end = await run({ steps: [step('echo a > a')], results }, {}, undefined, childThat(once));
    expect(end).toMatchObject({ state: 'passed', reason: 'every step passed' });
    expect(bench.server.http.artifacts.get('result:a')?.data.toString()).toBe('a\n');
    expect(stored()).toEqual(['result:a 0 junit']);
    expect(starts()).toBe(2);
  },
);

test('a child that is killed again and again sends the run to another node, and is not started for ever', async () => {
  const results = [{ path: 'a.xml', format: 'junit' as const }];
  const end = await run({ steps: [step('echo a > a.xml')], results }, {}, undefined, childThat('kill -9 $$'));
  expect(end).toMatchObject({
    state: 'infra',
    reason: 'the results could not be collected: the workspace process ended (SIGKILL)',
  });
  expect(starts()).toBe(2);
});

test.each(['result', 'artifact'] as const)(
  'a child that dies of reading (%s): never a run that looks well',
  async (kind) => {
    const wanted = kind === 'result' ? { results: [{ path: 'a', format: 'junit' as const }] } : { artifacts: ['a'] };
    const end = await run({ steps: [step('echo a > a')], ...wanted }, {}, undefined, childThat(diesReading(kind)));
    expect(end).toMatchObject({
      state: 'infra',
      reason: `${kind} a could not be uploaded: the workspace process ended (SIGKILL)`,
    });
    expect(starts()).toBe(2);
  },
);

test('what the child reports of the files is the own doing of the payload: no other node is tried', async () => {
  const refused = `read -r line; echo '{"error":"EACCES: permission denied, realpath"}'; exec cat`;
  const end = await run({ steps: [step('chmod 700 .')], artifacts: ['*'] }, {}, undefined, childThat(refused));
  expect(end).toMatchObject({
    state: 'failed',
    reason: 'the results could not be collected: EACCES: permission denied, realpath',
  });
  expect(starts()).toBe(1);
});

test('the checkout comes whole after two cuts, with its modes, and the payload may write in it', async () => {
  bench.server.http.checkout = await archive();
  bench.server.http.cuts.push(1_000, 200_000);
  const end = await run({ checkout: true, steps: [step('./run.sh; touch new; ls')] });
  expect(end.state).toBe('passed');
  expect(end.log).toMatch(/^\d+ 300000\ndata.bin\nnew\nrun.sh\n$/);
  expect(bench.server.http.checkouts).toBe(3);
});

test('a hostile checkout fails the run and names the entry', async () => {
  const tar = pack();
  tar.entry({ name: 'ok' }, 'ok');
  tar.entry({ name: 'evil', type: 'symlink', linkname: '/etc/passwd' });
  tar.finalize();
  const parts: Buffer[] = [];
  for await (const part of tar as unknown as AsyncIterable<Buffer>) parts.push(part);
  bench.server.http.checkout = gzipSync(Buffer.concat(parts));
  const end = await run({ checkout: true, steps: [step('echo never')] });
  expect(end).toEqual({
    state: 'failed',
    log: '',
    reason: 'The checkout archive was refused at entry 2 ("evil"): it links out of the checkout, to "/etc/passwd"',
  });
});
