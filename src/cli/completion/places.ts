import type { Command, Option } from 'commander';

/** What may follow the words of a command. */
export interface CompletionPlace {
  /** For example `run list`; empty for the program itself. */
  path: string;
  commands: { word: string; description: string }[];
  flags: { word: string; description: string; choices: readonly string[]; takesValue: boolean }[];
  /** What its first argument may be, where only some words can. */
  choices: readonly string[];
  /** Its argument is a file. */
  file: boolean;
}

const FILE_ARGUMENTS: readonly string[] = ['file'];

/** Every place of the program, from the top down; flags that every command knows are with each. */
export function wordsOf(program: Command): CompletionPlace[] {
  const everywhere = [...program.options];
  const places: CompletionPlace[] = [];
  const visit = (command: Command, path: readonly string[]): void => {
    const [argument] = command.registeredArguments;
    const own = command === program ? [] : command.options;
    places.push({
      path: path.join(' '),
      commands: command.commands.map((child) => ({ word: child.name(), description: child.description() })),
      flags: [...own, ...everywhere].flatMap(flagsOf),
      choices: argument?.argChoices ?? [],
      file: argument !== undefined && FILE_ARGUMENTS.includes(argument.name()),
    });
    for (const child of command.commands) visit(child, [...path, child.name()]);
  };
  visit(program, []);
  return places;
}

function flagsOf(option: Option): CompletionPlace['flags'] {
  const { long, short, description, argChoices = [], required, optional } = option;
  return [long, short].flatMap((word) =>
    word === undefined || word === null
      ? []
      : [{ word, description, choices: argChoices, takesValue: required || optional }],
  );
}
