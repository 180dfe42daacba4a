import { describe, expect, it } from 'vitest';
import { isForegroundStat } from './child.mjs';
import { npmCommand, telling } from './install.mjs';
import { findNode24 } from './node24.mjs';
import { doneLine, withProgress } from './progress.mjs';
import { nodeProblem } from './version.mjs';

describe('nodeProblem', () => {
  it('is one sentence for an old Node, and nothing for others', () => {
    expect(nodeProblem('20.0.0')).toBeNull();
    expect(nodeProblem('24.21.0')).toBeNull();
    expect(nodeProblem('18.20.4')).toMatch(/^Groundcrew needs Node 20 or newer to start, and this is Node 18\.20\.4\./);
    expect(nodeProblem('9.1.0')).not.toBeNull();
  });
});

describe('findNode24', () => {
  const nowhere = '/nonexistent';

  it('takes the running one when none is installed and it is new enough', () => {
    expect(findNode24(nowhere, { version: '24.1.0', path: '/usr/bin/node' })).toBe('/usr/bin/node');
    expect(() => findNode24(nowhere, { version: '20.1.0', path: '/usr/bin/node' })).toThrow('this is Node 20.1.0');
  });
});

describe('npmCommand', () => {
  it('is the npm that called, else the one in PATH', () => {
    expect(npmCommand({ npm_execpath: '/x/npm-cli.js' }, '/node')).toEqual(['/node', ['/x/npm-cli.js']]);
    expect(npmCommand({ npm_execpath: '/x/yarn.js' }, '/node')).toEqual(['npm', []]);
    expect(npmCommand({}, '/node')).toEqual(['npm', []]);
  });
});

describe('telling', () => {
  it("is npm's first errors, else the last lines", () => {
    expect(telling('a\nnpm error b\nnpm error\nnpm error c\nnpm error d\n', 2)).toBe('npm error b\nnpm error c');
    expect(telling('a\nb\nc\n', 2)).toBe('b\nc');
  });
});

describe('withProgress', () => {
  function stream(isTTY: boolean): { isTTY: boolean; written: string; write(text: string): void } {
    return {
      isTTY,
      written: '',
      write(text) {
        this.written += text;
      },
    };
  }

  it('writes one plain line in a pipe, and wipes its own on a terminal', async () => {
    const pipe = stream(false);
    expect(await withProgress(pipe, 'building', 'built', async () => 7)).toBe(7);
    expect(pipe.written).toMatch(/^ {2}✓ built +0\.0 s\n$/);
    const terminal = stream(true);
    await expect(withProgress(terminal, 'building', 'built', () => Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    );
    expect(terminal.written).toBe('\r\x1b[K');
  });

  it('keeps the seconds in one column', () => {
    expect(doneLine('built', 2100).length).toBe(doneLine('packages installed', 27_400).length);
  });
});

describe('isForegroundStat', () => {
  const stat = (group: number, terminal: number, foreground: number): string =>
    `12 (a ) b) S 1 ${group} 1 ${terminal} ${foreground} 4194304 0`;

  it('tells whether the terminal signals this group', () => {
    expect(isForegroundStat(stat(12, 34816, 12))).toBe(true);
    expect(isForegroundStat(stat(12, 34816, 99))).toBe(false);
    expect(isForegroundStat(stat(12, 0, -1))).toBe(false);
  });
});
