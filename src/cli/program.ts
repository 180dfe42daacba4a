import { Command, CommanderError } from 'commander';
import { describeCauses, GroundcrewError, messageOf } from '../base/errors/error.ts';
import { demoCommand } from './commands/demo.ts';
import { serverCommand } from './commands/server.ts';
import { VERSION } from './version.ts';

/** Runs one command line; answers the exit status. */
export async function runProgram(words: readonly string[]): Promise<number> {
  const program = new Command('groundcrew')
    .description('A fleet of disposable test machines, the work that runs on them, and its results.')
    .version(VERSION)
    .exitOverride()
    .showSuggestionAfterError();
  program.addCommand(serverCommand());
  program.addCommand(demoCommand());
  try {
    await program.parseAsync([...words], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    tell(error);
    return 1;
  }
}

/** One clear error: its code, what was wrong and where, what to do next. */
function tell(error: unknown): void {
  if (!(error instanceof GroundcrewError)) {
    process.stderr.write(`groundcrew: ${messageOf(error)}\n${describeCauses(error)}\n`);
    return;
  }
  const indented = error.message.replaceAll('\n', '\n        ');
  process.stderr.write(`${error.code}  ${indented}\n        ${error.next}\n`);
}
