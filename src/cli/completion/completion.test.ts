import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../program.ts';
import { processSurroundings } from '../surroundings.ts';
import { bashScript, fishScript, zshScript } from './scripts.ts';
import { wordsOf } from './words.ts';

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

test.each([
  ['bash', bashScript(PLACES), ['-n']],
  ['zsh', zshScript(PLACES), ['-n']],
  ['fish', fishScript(PLACES), ['--no-execute']],
] as const)('the script for %s is understood by it', (shell, script, flags) => {
  for (const { path } of PLACES) for (const word of path.split(' ')) expect(script).toContain(word);
  const directory = mkdtempSync(join(tmpdir(), 'completion-'));
  const file = join(directory, 'script');
  writeFileSync(file, script);
  const result = spawnSync(shell, [...flags, file], { encoding: 'utf8' });
  rmSync(directory, { recursive: true });
  if (result.error !== undefined) {
    console.log(`${shell} is not installed: its grammar is not checked`);
    return;
  }
  expect(result.stderr).toBe('');
  expect(result.status).toBe(0);
});
