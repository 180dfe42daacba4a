import type { Command, Option } from 'commander';
import { STATUS_MEANINGS } from '../../src/cli/exit-status.ts';
import { exampleOf } from '../../src/cli/group.ts';
import { createProgram } from '../../src/cli/program.ts';
import { processSurroundings } from '../../src/cli/surroundings.ts';
import { escapeCell } from './schema-page.ts';

/** `docs/reference/cli.md`. */
export function cliPage(): string {
  const program = createProgram(processSurroundings());
  return [
    '<!-- Made by `npm run generate` from src/cli. Do not edit. -->',
    '# The command line',
    '',
    'In a checkout, `npx groundcrew` runs it; after `npm link` there, in every directory, and `groundcrew` does, too. On the',
    'machine of the server it finds server and token by itself: in the data directory that `--data` or `GROUNDCREW_DATA`',
    'names, else in that of `groundcrew.yaml` here (`server.data`), else in `.groundcrew` here, else in that of the',
    'checkout. What a stopped server left behind gives way to a server that runs. Elsewhere `--server` and `--token` name',
    'them, or `GROUNDCREW_SERVER` and `GROUNDCREW_TOKEN`. A variable that is empty is as one that is not set.',
    '',
    'Tables fit the terminal; in a pipe nothing is cut. Colours only add to signs: ✓ passed, ✗ failed, ~ flaky, ! not the',
    "tests' fault, ■ held, ▸ going on, · waiting, − over. For programs there is `--json`: the API's answer, an error",
    'included.',
    '',
    '## Flags of every command',
    '',
    ...flagTable(program.options),
    '',
    '## Exit status',
    '',
    '| status | meaning |',
    '|---|---|',
    ...STATUS_MEANINGS.map(({ status, meaning }) => `| ${status} | ${meaning} |`),
    '',
    "`node shell` ends with the command's own status.",
    '',
    ...leaves(program, []).flatMap(({ command, path }) => commandPart(command, path)),
  ].join('\n');
}

/** Commands that do something, groups left out. */
export function leaves(command: Command, path: readonly string[]): { command: Command; path: readonly string[] }[] {
  if (command.commands.length === 0) return [{ command, path }];
  return command.commands.flatMap((child) => leaves(child, [...path, child.name()]));
}

function commandPart(command: Command, path: readonly string[]): string[] {
  const said = exampleOf(command);
  if (said === null) throw new Error(`the command ${path.join(' ')} has no example`);
  const words = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  const choices = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
  return [
    `## groundcrew ${path.join(' ')}`,
    '',
    `${sentence(command.description())}${said.notes === null ? '' : ` ${sentence(said.notes.replaceAll('\n', ' '))}`}`,
    '',
    '```',
    ['groundcrew', ...path, ...(command.options.length > 0 ? ['[flags]'] : []), ...words].join(' '),
    '```',
    '',
    ...(choices.length > 0 ? [`One of: ${choices.map((word) => `\`${word}\``).join(', ')}.`, ''] : []),
    ...(command.options.length > 0 ? [...flagTable(command.options), ''] : []),
    '```console',
    `$ ${said.example}`,
    '```',
    '',
  ];
}

function sentence(text: string): string {
  const plain = text.replaceAll('<', '&lt;');
  return /[.!?]$/.test(plain) ? plain : `${plain}.`;
}

function flagTable(options: readonly Option[]): string[] {
  const rows = options.map((option) => {
    const choices = option.argChoices === undefined ? '' : `: ${option.argChoices.join(', ')}`;
    const value = option.defaultValueDescription ?? option.defaultValue;
    const shown = value === undefined || typeof value === 'boolean' ? '' : ` (${String(value)})`;
    const needed = option.mandatory ? '; needed' : '';
    return `| \`${escapeCell(option.flags)}\` | ${escapeCell(`${option.description}${choices}${shown}${needed}`)} |`;
  });
  return ['| flag | meaning |', '|---|---|', ...rows];
}
