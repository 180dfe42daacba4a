import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const BECOME = `import { become } from ${JSON.stringify(join(import.meta.dirname, 'child.mjs'))};
  process.exitCode = await become(process.execPath, ['-e', process.argv[1]]);`;

/** A process that becomes a child running the script; resolves once the child has written something. */
async function startBecoming(script: string): Promise<ReturnType<typeof spawn>> {
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
  return spawn(process.execPath, ['--input-type=module', '-e', BECOME, script], { stdio, detached: true });
}

describe('become', () => {
  it('ends with the status of the child', async () => {
    const parent = await startBecoming('process.exit(7)');
    expect(await once(parent, 'exit')).toEqual([7, null]);
  });

  it('ends by the signal that ended the child', async () => {
    const parent = await startBecoming("process.kill(process.pid, 'SIGKILL')");
    expect(await once(parent, 'exit')).toEqual([null, 'SIGKILL']);
  });

  it('takes the child along when it is killed', async () => {
    const script =
      "process.on('SIGTERM', () => { process.stdout.write('told'); process.exit() }); process.stdout.write('up'); setInterval(() => {}, 1000)";
    const parent = await startBecoming(script);
    const output = parent.stdout as NonNullable<typeof parent.stdout>;
    await once(output, 'data');
    parent.kill('SIGKILL');
    expect(String(await once(output, 'data'))).toBe('told');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('passes %s on', async (signal) => {
    const script = `process.on('${signal}', () => process.exit(9)); process.stdout.write('up'); setInterval(() => {}, 1000)`;
    const parent = await startBecoming(script);
    await once(parent.stdout as NonNullable<typeof parent.stdout>, 'data');
    parent.kill(signal);
    expect(await once(parent, 'exit')).toEqual([9, null]);
  });
});
