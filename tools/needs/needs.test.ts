import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { mayLack, refuseUnexpected } from './expected.ts';
import { leftOutLines, type Task } from './left-out.ts';
import { needs } from './needs.ts';
import { findProgram } from './programs.ts';
import { NEED_NAMES, type NeedName } from './registry.ts';

afterEach(() => void vi.unstubAllEnvs());

const test = (mode: string, ...lacks: NeedName[]): Task => ({ mode, meta: { lacks } });

describe('what was left out', () => {
  it('is one line for each thing that is lacking: how many tests, what for, how to have it', () => {
    const tasks: Task[] = [
      {
        mode: 'run',
        meta: {},
        tasks: [test('skip', 'newuidmap', 'bubblewrap'), test('run'), test('skip', 'bubblewrap')],
      },
      // A suite says it for all of its tests.
      { mode: 'skip', meta: { lacks: ['chromium'] }, tasks: [test('skip'), test('skip')] },
      test('skip', 'root'),
    ];
    expect(leftOutLines(tasks)).toEqual([
      'left out: 2 tests that need bubblewrap (isolation bubblewrap of the local provider): apt-get install bubblewrap',
      'left out: 2 tests that need chromium (the dashboard in a browser): apt-get install chromium (or say where it is by GROUNDCREW_CHROMIUM)',
      'left out: 1 test that needs newuidmap (nodes with two users where the server is not root): apt-get install uidmap',
      'left out: 1 test that needs to run as root (what only root may do: become another user, mount): run npm test as root',
    ]);
  });

  it('is nothing where nothing is lacking, or tests are left out because others were asked for', () => {
    expect(leftOutLines([test('run'), test('skip'), { mode: 'run', meta: {}, tasks: [] }])).toEqual([]);
  });
});

describe('what may be lacking', () => {
  it('is anything on a machine of a person, and nothing in CI', () => {
    expect([...mayLack({})]).toEqual(NEED_NAMES);
    expect([...mayLack({ CI: '' })]).toEqual(NEED_NAMES);
    expect([...mayLack({ CI: 'true' })]).toEqual([]);
  });

  it('is what the switch names and nothing else, in CI and elsewhere', () => {
    const switched = { GROUNDCREW_TESTS_WITHOUT: 'bubblewrap, chromium\nroot' };
    for (const environment of [switched, { ...switched, CI: 'true' }]) {
      expect([...mayLack(environment)]).toEqual(['bubblewrap', 'chromium', 'root']);
      expect(() => refuseUnexpected(['chromium', 'root'], environment)).not.toThrow();
      expect(() => refuseUnexpected(['chromium', 'newuidmap'], environment)).toThrow(
        'These tests need newuidmap (nodes with two users where the server is not root): apt-get install uidmap.\n' +
          'They are left out only where GROUNDCREW_TESTS_WITHOUT names newuidmap.',
      );
    }
    expect([...mayLack({ GROUNDCREW_TESTS_WITHOUT: '' })]).toEqual([]);
  });

  it('refuses a name that nobody asks for', () => {
    expect(() => mayLack({ GROUNDCREW_TESTS_WITHOUT: 'bublewrap' })).toThrow(
      'names bublewrap: tests ask for bubblewrap,',
    );
  });
});

describe('a test that needs something', () => {
  it('is left out where it is lacking, and fails where that is not expected', () => {
    const directory = mkdtempSync(join(tmpdir(), 'groundcrew-needs-'));
    vi.stubEnv('GROUNDCREW_CHROMIUM', join(directory, 'none'));
    try {
      vi.stubEnv('GROUNDCREW_TESTS_WITHOUT', 'chromium');
      expect(needs('chromium')).toEqual({ skip: true, meta: { lacks: ['chromium'] } });
      vi.stubEnv('GROUNDCREW_TESTS_WITHOUT', 'bubblewrap');
      expect(() => needs('chromium')).toThrow('These tests need chromium');
      expect(needs()).toEqual({ skip: false, meta: { lacks: [] } });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('finds a program by the variable that names it, when it can be run', () => {
    const directory = mkdtempSync(join(tmpdir(), 'groundcrew-needs-'));
    try {
      const file = join(directory, 'browser');
      vi.stubEnv('GROUNDCREW_CHROMIUM', file);
      writeFileSync(file, '', { mode: 0o644 });
      expect(findProgram('chromium')).toBe(null);
      rmSync(file);
      writeFileSync(file, '', { mode: 0o755 });
      expect(findProgram('chromium')).toBe(file);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
