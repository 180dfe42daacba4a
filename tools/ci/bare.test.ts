import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { needs } from '../needs/needs.ts';
import { filesToHide } from './hide.ts';

// As on other machines /bin is: a link to the directory in which the programs are.
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'groundcrew-bare-')));
const programs = join(scratch, 'programs');
const linked = join(scratch, 'linked');
mkdirSync(programs);
symlinkSync(programs, linked);
for (const name of ['bwrap', 'google-chrome', 'kept', 'initdb']) {
  writeFileSync(join(programs, name), `#!/bin/sh\necho "${name} ran"\n`, { mode: 0o755 });
}
afterAll(() => rmSync(scratch, { recursive: true }));

it('hides what is found on the PATH, where a directory really is; not what only has such a name', () => {
  expect(filesToHide(linked).get(programs)).toEqual(new Set(['bwrap', 'google-chrome']));
});

describe('a command on a bare machine', needs('mounts', 'namespaces'), () => {
  const bare = (script: string) => {
    const words = [join(import.meta.dirname, 'bare.ts'), 'sh', '-c', script];
    const env = { ...process.env, PATH: `${linked}:${process.env.PATH}`, GROUNDCREW_CHROMIUM: join(programs, 'kept') };
    return spawnSync(process.execPath, words, { env, encoding: 'utf8' });
  };

  it('finds no optional program, by no name and no path, and all else', () => {
    const { stdout } = bare(`command -v bwrap newuidmap; ls ${programs}; kept; echo "chromium: $GROUNDCREW_CHROMIUM"`);
    expect(stdout).toContain('initdb\nkept\nkept ran\nchromium: \n');
    expect(stdout).not.toContain('bwrap\n');
    expect(readdirSync(programs)).toContain('bwrap');
  });

  it('is told which tests may be left out, and gives its status', () => {
    const { stdout, status } = bare('echo "without: $GROUNDCREW_TESTS_WITHOUT"; exit 7');
    expect(stdout).toMatch(/^without: bubblewrap chromium newuidmap /m);
    expect(status).toBe(7);
  });

  it('leaves no mount and no directory on the machine', () => {
    // What hides programs from these tests themselves, when they run on a machine made bare, is there before and after.
    const hidden = (): string =>
      spawnSync('grep', ['groundcrew-hidden', '/proc/self/mountinfo'], { encoding: 'utf8' }).stdout;
    const before = hidden();
    const { stdout } = bare(
      'grep -c groundcrew-hidden /proc/self/mountinfo; touch "$(dirname "$(command -v kept)")/new"',
    );
    expect(stdout).toMatch(/^[1-9]/m);
    expect(hidden()).toBe(before);
    expect(existsSync(join(programs, 'new'))).toBe(false);
  });
});
