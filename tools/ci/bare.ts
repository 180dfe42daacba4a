import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { WITHOUT } from '../needs/expected.ts';
import { PROGRAM_NAMES } from '../needs/programs.ts';
import { hidePrograms } from './hide.ts';

// Runs a command on this machine as if none of the optional programs were installed: in a mount namespace of its own,
// in which they do not exist. Tests that need them are expected to be left out, and no others.
const INSIDE = '--inside';
const [first = '', ...rest] = process.argv.slice(2);
if (first === INSIDE) {
  hidePrograms(process.env);
  process.env[WITHOUT] = PROGRAM_NAMES.join(' ');
  process.stdout.write(`not installed here: ${PROGRAM_NAMES.join(', ')}\n`);
  const [command = '', ...parameters] = rest;
  await run(command, parameters);
} else {
  const again = [process.execPath, import.meta.filename, INSIDE, first, ...rest];
  await run('unshare', ['--mount', '--propagation', 'private', '--', ...again]);
}

async function run(command: string, parameters: readonly string[]): Promise<void> {
  const child = spawn(command, parameters, { stdio: 'inherit' });
  const [status, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (signal !== null) process.stderr.write(`${command} was ended by ${signal}\n`);
  process.exitCode = status ?? 1;
}
