import { findProgram, PROGRAM_NAMES, PROGRAMS, type ProgramName } from '../needs/programs.ts';

// Debian's packages of those of the named programs that are missing, one a line.
for (const word of process.argv.slice(2)) {
  if (!PROGRAM_NAMES.includes(word as ProgramName)) throw new Error(`there is no optional program ${word}`);
  const name = word as ProgramName;
  if (findProgram(name) === null) process.stdout.write(`${PROGRAMS[name].package}\n`);
}
