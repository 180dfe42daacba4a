import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../tools/needs/needs.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SCRATCH = mkdtempSync(join(tmpdir(), 'groundcrew-demo-'));
const LIMIT_MS = 150_000;

/** A user without capabilities, in a user namespace that may have no other: what a plain container is like. */
const CONTAINED = [
  'unshare',
  ...['-U', '--map-user=1000', '--map-group=1000', '--keep-caps', 'sh', '-c'],
  'echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all --no-new-privs "$@"',
  'sh',
];

afterAll(() => rmSync(SCRATCH, { recursive: true, force: true }));

function runDemo(
  prefix: readonly string[],
  environment: Record<string, string>,
  /** SIGTERM is sent when this was said. */
  until: string | null = null,
  flags: readonly string[] = ['--once'],
): Promise<{ status: number | null; output: string }> {
  const words = [
    ...prefix,
    process.execPath,
    join(ROOT, 'dist', 'groundcrew.js'),
    'demo',
    ...flags,
    '--data',
    // A database belongs to the user that made it.
    mkdtempSync(join(SCRATCH, 'data-')),
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(words[0] as string, words.slice(1), {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let told = false;
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
      if (told || until === null || !output.includes(until)) return;
      // Once: a second one would end it where it stands.
      told = true;
      child.kill('SIGTERM');
    });
    child.stderr.on('data', (data: Buffer) => {
      output += data.toString();
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
  });
}

// Taken for all of these: by us, or by somebody else already.
const usual_port = createServer().on('error', () => undefined);
beforeAll(
  () => new Promise<void>((resolve) => usual_port.listen(7420, '127.0.0.1', resolve).on('error', () => resolve())),
);
afterAll(() => void usual_port.close());

describe('the demo where namespaces are refused', needs('root', 'namespaces'), () => {
  it('says so, chooses isolation: none itself, and still passes', { timeout: LIMIT_MS }, async () => {
    const { status, output } = await runDemo(CONTAINED, { CI: '' });
    expect(output).toContain('! isolation  none: this machine refuses namespaces');
    expect(output).toContain('parser/quotes: nested quotes survive a round trip');
    expect(output).toContain('is held for 8 h because its run failed');
    // Milestones and the summary; what the runs print is another flag's.
    expect(output).toMatch(/jammy {2}on node n-/);
    expect(output).not.toContain('│');
    expect(output.split('\n').length).toBeLessThan(60);
    expect(status, output).toBe(0);
  });

  it('does not do so where CI vouches for the isolation', { timeout: LIMIT_MS }, async () => {
    const { status, output } = await runDemo(CONTAINED, { CI: 'true' });
    expect(output).toContain('This machine refuses to isolate nodes');
    expect(status).toBe(1);
  });
});

describe('the demo with --once', () => {
  it('ends as interrupted when it is ended before its end', { timeout: LIMIT_MS }, async () => {
    const { status, output } = await runDemo([], { CI: '' }, '✓ server');
    expect(status, output).toBe(130);
    expect(output).not.toContain('is held for');
    expect(output).toMatch(/✓ stopped\n$/);
  });
});

describe('the demo that stays', () => {
  it('says what its end does, and that it let the held node go', { timeout: LIMIT_MS }, async () => {
    const hint = 'Ctrl-C ends the demo and its nodes; results stay';
    const { status, output } = await runDemo([], { CI: '' }, hint, ['--verbose']);
    expect(output).toMatch(/jammy │ ./);
    expect(output).toMatch(/✓ stopped; the held node was let go\n$/);
    expect(status, output).toBe(0);
  });
});
