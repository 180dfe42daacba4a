import { chmodSync, chownSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { pack } from 'tar-stream';
import { expect, test } from 'vitest';
import { needs } from '../../../tools/needs/needs.ts';
import { assignment, openBench, step } from '../../testing/harness.ts';

const NOBODY = 65_534;

test(
  "as another user: checkout, steps, files that only it may read, shells; not the agent's state",
  needs('nobody'),
  async () => {
    const bench = await openBench();
    const bundle = mkdtempSync(join(tmpdir(), 'bundle-'));
    try {
      for (const directory of [bench.directory, bundle]) chmodSync(directory, 0o755);
      chmodSync(join(bench.directory, 'state'), 0o700);
      chownSync(bench.workspace, NOBODY, NOBODY);
      const outfile = join(bundle, 'agent.js');
      const entry = resolve(import.meta.dirname, '../../main.ts');
      await build({ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', outfile, logLevel: 'error' });
      const tar = pack();
      tar.entry({ name: 'source' }, 'source\n');
      tar.finalize();
      const parts: Buffer[] = [];
      for await (const part of tar as unknown as AsyncIterable<Buffer>) parts.push(part);
      const { server } = bench;
      server.http.checkout = gzipSync(Buffer.concat(parts));
      const change = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'];
      bench.startAgent({}, outfile, change);
      await server.until('connected', () => server.isConnected());
      const script =
        'id -u; echo more >> source; umask 077; cp source mine; cp source locked; chmod 0 locked; echo heard > /dev/stderr; cat ../../state/state.json';
      const run = server.assign(assignment({ checkout: true, steps: [step(script)], artifacts: ['locked', 'mine'] }));
      await server.until('the run has ended', () => run.outcome !== null);
      expect(run.log.toString()).toMatch(
        /^65534\nheard\ncat: .*Permission denied\ngroundcrew: the artifact locked was left out: EACCES.*\n$/,
      );
      expect(run.outcome!.state).toBe('failed');
      expect(server.http.artifacts.get('artifact:mine')?.data.toString()).toBe('source\nmore\n');
      expect(statSync(join(bench.workspace, 'widget/source')).uid).toBe(NOBODY);
      server.say({ type: 'shell_open', shell_id: 'one', rows: 0, columns: 0, command: 'id -u' });
      await server.until('the shell has ended', () => server.shell.ends.has('one'));
      expect(server.printed('one').toString()).toBe('65534\n');
      expect(server.problems).toEqual([]);
    } finally {
      await bench.close();
      rmSync(bundle, { recursive: true, force: true });
    }
  },
);
