import type { Command } from 'commander';
import { Context, type GlobalFlags } from './context.ts';
import type { Surroundings } from './surroundings.ts';

/** A command: how it is written, what it is for, and what it does. */
export interface CommandDefinition<Words extends unknown[], Flags> {
  /** Its name and arguments, for example `show <run>`. */
  usage: string;
  description: string;
  /** One command line that does something sensible. */
  example: string;
  /** More about it, below its flags: lines of at most 80 characters. */
  notes?: string;
  /** It is what its group does when no command of it is named. */
  is_default?: boolean;
  /** It asks no server. */
  is_local?: boolean;
  flags?(command: Command): void;
  /** Answers the exit status; nothing: 0. */
  work(context: Context, flags: Flags, ...words: Words): Promise<number | undefined> | Promise<void>;
}

const EXAMPLES = new WeakMap<Command, { example: string; notes: string | null }>();

/** What help and reference say beside a command's flags; null for a group. */
export function exampleOf(command: Command): { example: string; notes: string | null } | null {
  return EXAMPLES.get(command) ?? null;
}

/** Commands below one word, such as `run`; the program itself is one, too. */
export class Group {
  readonly command: Command;
  readonly #home: Surroundings;
  readonly #end: (status: number) => void;

  constructor(command: Command, home: Surroundings, end: (status: number) => void) {
    this.command = command;
    this.#home = home;
    this.#end = end;
  }

  group(name: string, description: string): Group {
    return new Group(this.command.command(name).description(description), this.#home, this.#end);
  }

  add<Words extends unknown[], Flags>(definition: CommandDefinition<Words, Flags>): void {
    const { usage, description, example, notes } = definition;
    const isDefault = definition.is_default === true;
    const command = this.command.command(usage, { isDefault }).description(description);
    definition.flags?.(command);
    command.addHelpText('after', `${notes === undefined ? '' : `\n${notes}\n`}\nExample:\n  ${example}`);
    EXAMPLES.set(command, { example, notes: notes ?? null });
    command.action(async () => {
      const flags = command.optsWithGlobals<Flags & GlobalFlags>();
      const words = command.processedArgs as Words;
      const context = new Context(this.#home, flags);
      if (definition.is_local !== true) await context.lookHere();
      this.#end((await definition.work(context, flags, ...words)) ?? 0);
    });
  }
}
