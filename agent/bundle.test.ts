import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assignment, openBench, step } from './testing/harness.ts';

/** What `npm run build` made, and `npm test` before it. */
test('the bundle is one file of at most 1 MB that works by itself, in at most 80 MB', async () => {
  const bench = await openBench();
  const directory = mkdtempSync(join(tmpdir(), 'bundle-'));
  try {
    const outfile = join(directory, 'agent.js');
    copyFileSync(join(import.meta.dirname, '..', 'dist', 'agent.js'), outfile);
    expect(statSync(outfile).size).toBeLessThanOrEqual(2 ** 20);
    // As on a node: no package.json beside it says that it is a module.
    const agent = bench.startAgent({}, outfile);
    const { server } = bench;
    await server.until('connected', () => server.isConnected());
    const flood = 'yes 0123456789abcdef | head -c 20000000; echo x > file';
    const run = server.assign(assignment({ steps: [step(flood)], artifacts: ['file'] }));
    await server.until('the run has ended', () => run.outcome !== null, 25_000);
    expect(`${run.outcome!.state} ${run.outcome!.reason} ${run.log.subarray(-100)}`).toMatch(/^passed /);
    expect(server.http.artifacts.size).toBe(1);
    const status = readFileSync(`/proc/${agent.child.pid}/status`, 'utf8');
    const peak_kib = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]);
    const now_kib = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
    expect(now_kib).toBeLessThanOrEqual(80 * 1024);
    console.log(`resident ${now_kib} KiB, at most ${peak_kib} KiB`);
  } finally {
    await bench.close();
    rmSync(directory, { recursive: true, force: true });
  }
}, 60_000);

test('the bundle does not make Node load its fetch, which costs 4 MB', () => {
  const tell = 'process.on("exit", () => console.log(process.moduleLoadList.join("\\n")))';
  const words = ['--import', `data:text/javascript,${tell}`, join(import.meta.dirname, '..', 'dist', 'agent.js')];
  // It loads all that it needs, and ends since it has no agent file.
  const { stdout, stderr } = spawnSync(process.execPath, words, { env: {}, encoding: 'utf8', timeout: 30_000 });
  expect(stderr).toContain('GC1902');
  expect(stdout).toContain('NativeModule http\n');
  expect(stdout).not.toContain('undici/undici');
}, 60_000);
