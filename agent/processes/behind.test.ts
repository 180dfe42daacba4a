import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import type { Settings } from '../settings.ts';
import { shellExports, spawnBehind } from './behind.ts';

const directory = mkdtempSync(join(tmpdir(), 'groundcrew-behind-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const seen = join(directory, 'seen');
/** Stands where the user is changed, and writes down what it was started with. */
const settings = {
  payload_command: ['sh', '-c', `tr '\\0' '\\n' < /proc/self/environ > ${seen}; exec "$@"`, 'change'],
} as unknown as Settings;

async function run(script: string, env: Record<string, string>): Promise<string> {
  const command = ['/bin/sh', '-c', script];
  const child = spawnBehind(settings, command, { env, marker: { MARK: 'one' }, stdio: ['ignore', 'pipe', 'inherit'] });
  return await text(child.stdout as NodeJS.ReadableStream);
}

test('the environment reaches the command, and nothing that still has the rights of the agent', async () => {
  const env = {
    ...{ PATH: '/nowhere', LD_LIBRARY_PATH: '/nowhere', GCONV_PATH: '/nowhere', BASH_ENV: '/nowhere' },
    ...{ QUOTES: 'it\'s "quoted" $HOME `x`', NEWLINES: 'a\nb\n', EMPTY: '', 'not.a.name': 'x', UID: '7' },
  };
  const script =
    'printf "%s|" "$PATH" "$LD_LIBRARY_PATH" "$QUOTES" "$NEWLINES" "${EMPTY+set}"; true <&3 || echo closed';
  const printed = await run(`exec 2>/dev/null; ${script}`, env);
  expect(printed).toMatch(`/nowhere|/nowhere|${env.QUOTES}|a\nb\n|set|`);
  const before = readFileSync(seen, 'utf8');
  expect(before).toContain('MARK=one');
  expect(before).not.toContain('/nowhere');
  expect(before).not.toContain('quoted');
});

test('where memory runs out the payload goes first, not who started it', async () => {
  const own = readFileSync('/proc/self/oom_score_adj', 'utf8');
  expect(await run('cat /proc/self/oom_score_adj', {})).toBe('1000\n');
  expect(readFileSync('/proc/self/oom_score_adj', 'utf8')).toBe(own);
});

test('much of it, and a command that does not wait for it', async () => {
  const env = { MUCH: 'x'.repeat(100_000) };
  expect(await run('echo "${#MUCH}"', env)).toBe('100000\n');
  const gone = { payload_command: ['true'] } as unknown as Settings;
  const child = spawnBehind(gone, ['true'], { env, marker: {}, stdio: ['ignore', 'ignore', 'ignore'] });
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
});

test('quotes are quoted, and names that are none are left out', () => {
  expect(shellExports({ A: "'", 'B C': 'x', 'D;reboot': 'x' })).toBe("export A=''\\'''\n");
});
