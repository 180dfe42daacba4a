// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the shell's own.
import { Argument, type Command } from 'commander';
import { wordsOf } from '../completion/places.ts';
import { bashScript, fishScript, zshScript } from '../completion/scripts.ts';
import type { Group } from '../group.ts';
import { UsageError } from '../tell-error.ts';

const SHELLS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** `groundcrew completion`: a script for the shell, made from the commands that there are. */
export function addCompletion(all: Group): void {
  const program: Command = all.command;
  all.add<[shell: keyof typeof SHELLS], object>({
    usage: 'completion',
    description: 'Print a script that completes command lines in bash, zsh or fish',
    example: 'source <(groundcrew completion bash)',
    is_local: true,
    notes:
      'bash: the example, in ~/.bashrc. zsh: groundcrew completion zsh > "${fpath[1]}/_groundcrew".\n' +
      'fish: groundcrew completion fish > ~/.config/fish/completions/groundcrew.fish.',
    flags: (command) => void command.addArgument(new Argument('<shell>', 'your shell').choices(Object.keys(SHELLS))),
    async work(context, _flags, shell) {
      if (context.json) throw new UsageError('completion has no --json: its answer is a script.');
      context.say(SHELLS[shell](wordsOf(program)).trimEnd());
    },
  });
}
