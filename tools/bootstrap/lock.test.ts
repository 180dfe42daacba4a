import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nextTurn } from '../../src/base/clock.ts';
import { randomName, systemRandom } from '../../src/base/random.ts';
import { lockName, tryLock, withLock } from './lock.mjs';

const uniqueName = (): string => lockName(`test ${randomName(systemRandom, 12)}`);

describe('withLock', () => {
  it('lets one at a time do its work, and says when one waits', async () => {
    const name = uniqueName();
    const log: string[] = [];
    let waited = 0;
    const work = (label: string) => async (): Promise<void> => {
      log.push(`${label} begins`);
      // The first goes on when both others have said that they wait.
      while (waited < 2) await nextTurn();
      log.push(`${label} ends`);
    };
    const options = { onWait: () => waited++, poll_ms: 5 };
    await Promise.all(['a', 'b', 'c'].map((label) => withLock(name, work(label), options)));
    expect(waited).toBe(2);
    for (let at = 0; at < log.length; at += 2) expect(log[at + 1]).toBe(log[at]?.replace('begins', 'ends'));
  });

  it('lets go when the work fails, and gives up waiting in the end', async () => {
    const name = uniqueName();
    await expect(withLock(name, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const release = (await tryLock(name)) as () => void;
    await expect(withLock(name, async () => {}, { wait_ms: 20, poll_ms: 5 })).rejects.toThrow('Another process');
    release();
  });

  it('is free at once when its holder is killed', async () => {
    const name = uniqueName();
    const script = `import { tryLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.mjs'))};
      await tryLock(process.argv[1].replace('@', '\\0')); console.log('held'); process.stdin.resume();`;
    const parameters = ['--input-type=module', '-e', script, name.replace('\0', '@')];
    const holder = spawn(process.execPath, parameters, { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    expect(await tryLock(name)).toBeNull();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const release = (await tryLock(name)) as (() => void) | null;
    expect(release).not.toBeNull();
    release?.();
  });
});
