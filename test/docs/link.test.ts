import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { packageRoot } from '../../src/cli/package-root.ts';
import { cleanEnvironment } from '../e2e/harness/server.ts';

const COMMAND_WITHIN_MS = 60_000;

const scratch = mkdtempSync(join(tmpdir(), 'groundcrew-link-'));
const own = join(scratch, 'own');

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** With npm's directories in the scratch one, and no way to a registry. */
function run(
  command: string,
  words: readonly string[],
  directory: string,
): Promise<{ status: number; output: string }> {
  const kept = Object.entries(cleanEnvironment()).filter(([name]) => !/^npm_/i.test(name));
  const npm = {
    npm_config_prefix: join(scratch, 'prefix'),
    npm_config_cache: join(scratch, 'cache'),
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  };
  const env = { ...Object.fromEntries(kept), ...npm };
  return new Promise((resolve) => {
    execFile(command, words, { cwd: directory, env, timeout: COMMAND_WITHIN_MS }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
    });
  });
}

it('npm link makes the command line known in a project of its own', { timeout: 4 * COMMAND_WITHIN_MS }, async () => {
  mkdirSync(own);
  writeFileSync(join(own, 'package.json'), JSON.stringify({ name: 'own' }));
  const check = ['groundcrew', 'config', 'check'];
  // npx asks for a package: what the pages warn of.
  expect((await run('npx', ['--yes', ...check], own)).status).not.toBe(0);
  const linked = await run('npm', ['link', '--no-audit', '--no-fund'], packageRoot());
  expect(linked.status, linked.output).toBe(0);
  for (const [command, ...words] of [
    ['npx', ...check],
    [join(scratch, 'prefix', 'bin', 'groundcrew'), ...check.slice(1)],
  ]) {
    const { status, output } = await run(command as string, words, own);
    expect(output).toContain('there is no groundcrew.yaml here');
    expect(status).toBe(0);
  }
});
