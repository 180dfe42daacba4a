import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, type OptionalProgram, PROGRAM_NAMES, PROGRAMS, placesOf } from '../needs/programs.ts';

/** Every file of an optional program on this machine, those on the PATH included, by the directory that holds it. */
export function filesToHide(path: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const note = (directory: string, name: string): void => {
    if (!existsSync(join(directory, name))) return;
    const real = realpathSync(directory);
    found.set(real, (found.get(real) ?? new Set()).add(name));
  };
  for (const name of PROGRAM_NAMES) {
    const { variable: _, ...program }: OptionalProgram = PROGRAMS[name];
    for (const commands of program.commands) {
      for (const file of placesOf(program, commands)) note(join(file, '..'), file.slice(file.lastIndexOf('/') + 1));
      if (program.directory !== undefined) continue;
      for (const directory of path.split(':')) for (const command of commands) note(directory || '.', command);
    }
  }
  return found;
}

/**
 * Takes every optional program out of this mount namespace: an overlay over each directory in which one is says that it
 * was deleted. Needs root and a mount namespace of its own. Throws when one is still to be found.
 */
export function hidePrograms(environment: NodeJS.ProcessEnv): void {
  for (const name of PROGRAM_NAMES) {
    const { variable }: OptionalProgram = PROGRAMS[name];
    if (variable !== undefined) delete environment[variable];
  }
  const path = environment.PATH ?? '';
  for (const [directory, names] of filesToHide(path)) cover(directory, names);
  const left = [...filesToHide(path)].flatMap(([directory, names]) => [...names].map((name) => join(directory, name)));
  const found = PROGRAM_NAMES.filter((name) => findProgram(name) !== null);
  if (left.length + found.length > 0) throw new Error(`still there: ${[...left, ...found].join(', ')}`);
}

function cover(directory: string, names: ReadonlySet<string>): void {
  const scratch = mkdtempSync(join(tmpdir(), 'groundcrew-hidden-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'groundcrew-hidden', scratch]);
    const [upper, work] = [join(scratch, 'upper'), join(scratch, 'work')];
    for (const made of [upper, work]) mkdirSync(made);
    // What overlayfs itself writes for a file that was deleted.
    for (const name of names) execFileSync('mknod', [join(upper, name), 'c', '0', '0']);
    const layers = `lowerdir=${directory},upperdir=${upper},workdir=${work}`;
    execFileSync('mount', ['-t', 'overlay', '-o', layers, 'groundcrew-hidden', directory]);
    // The overlay keeps its layers; nothing of them is to be seen.
    execFileSync('umount', ['-l', scratch]);
  } finally {
    rmdirSync(scratch);
  }
}
