import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { needs } from '../../../tools/needs/needs.ts';
import { createProgram } from '../program.ts';
import { processSurroundings } from '../surroundings.ts';
import { wordsOf } from './places.ts';
import { bashScript, fishScript, zshScript } from './scripts.ts';

const PLACES = wordsOf(createProgram(processSurroundings()));

/** What bash offers for a line, the cursor at its end. */
function offered(line: string): string[] {
  const words = line.split(' ');
  const script = `${bashScript(PLACES)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _groundcrew; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
  return text.split('\n').filter((word) => word !== '');
}

describe('bash', () => {
  test.each([
    ['groundcrew ru', ['run']],
    ['groundcrew run ', ['list', 'show', 'log', 'get', 'cancel']],
    ['groundcrew --server http://run run l', ['list', 'log']],
    ['groundcrew run list --ver', ['--verdict', '--version', '--verbose']],
    ['groundcrew run list --json --stat', ['--state']],
    ['groundcrew token create --role ', ['viewer', 'submitter', 'operator', 'admin']],
    ['groundcrew completion ', ['bash', 'zsh', 'fish']],
    ['groundcrew server --log-level d', ['debug']],
  ])('%s', (line, words) => {
    expect(offered(line)).toEqual(words);
  });
});

const SHELLS = [
  { shell: 'bash', script: bashScript(PLACES), flag: '-n', wanted: needs() },
  { shell: 'zsh', script: zshScript(PLACES), flag: '-n', wanted: needs('zsh') },
  { shell: 'fish', script: fishScript(PLACES), flag: '--no-execute', wanted: needs('fish') },
];

for (const { shell, script, flag, wanted } of SHELLS) {
  test(`the script for ${shell} has every word`, () => {
    for (const { path } of PLACES) for (const word of path.split(' ')) expect(script).toContain(word);
  });

  test(`the script for ${shell} is understood by it`, wanted, () => {
    const directory = mkdtempSync(join(tmpdir(), 'completion-'));
    const file = join(directory, 'script');
    writeFileSync(file, script);
    const result = spawnSync(shell, [flag, file], { encoding: 'utf8' });
    rmSync(directory, { recursive: true });
    expect(result.error).toBe(undefined);
    expect(result.stderr).toBe('');
    expect(result.status).toBe(0);
  });
}
