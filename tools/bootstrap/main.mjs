import { COMMANDS, USAGE } from './commands.mjs';

/** Runs one command of the bootstrap; the process ends with the command's status. */
export async function run(words) {
  const [name, ...parameters] = words;
  const command = Object.hasOwn(COMMANDS, name ?? '') ? COMMANDS[name] : undefined;
  if (command === undefined) {
    process.stderr.write(`${name === undefined ? '' : `There is no command ${name}.\n`}${USAGE}`);
    process.exitCode = 2;
    return;
  }
  await exitWith(() => command(parameters));
}

/** Sets the exit status to what the work returns; an error becomes a message for a person and status 1. */
export async function exitWith(work) {
  try {
    process.exitCode = await work();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
