import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { exampleOf } from '../../src/cli/group.ts';
import { createProgram } from '../../src/cli/program.ts';
import { processSurroundings } from '../../src/cli/surroundings.ts';
import { leaves } from './cli-page.ts';

const PAGE = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'reference', 'cli.md'), 'utf8');
const ALL = leaves(createProgram(processSurroundings()), []);

test('every command of the page exists, and every command is on it', () => {
  const headings = [...PAGE.matchAll(/^## groundcrew (.+)$/gm)].map((match) => match[1]);
  expect(headings).toEqual(ALL.map(({ path }) => path.join(' ')));
});

test.each(ALL.map(({ command, path }) => [path.join(' '), exampleOf(command)?.example ?? '']))(
  'the example of %s is understood',
  async (path, example) => {
    const words = wordsOf(/groundcrew [^|)]*/.exec(example)?.[0] ?? '').slice(1);
    const program = createProgram(processSurroundings());
    const reached: string[] = [];
    for (const { command, path: own } of leaves(program, [])) command.action(() => void reached.push(own.join(' ')));
    quiet(program);
    await program.parseAsync(words, { from: 'user' });
    expect(reached).toEqual([path]);
  },
);

function quiet(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  for (const child of command.commands) quiet(child);
}

/** Words as a shell splits them, `$(…)` and quotes kept together. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:"[^"]*"|'[^']*'|\$\([^)]*\)?|[^\s"'])+/g)].map(([word]) => word.replace(/["']/g, ''));
}
