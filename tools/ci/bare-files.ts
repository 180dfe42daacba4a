import { type OptionalProgram, PROGRAM_NAMES, PROGRAMS } from '../needs/programs.ts';
import { isTest, type Project } from '../tidy/project.ts';
import { resolveImport } from '../tidy/resolve.ts';

const NEEDS = 'tools/needs/';

/**
 * The test files for which it matters whether optional programs are installed: those that ask for something, and those
 * that name one of the programs, they themselves or a file of tests that they import.
 */
export function bareFiles(project: Project): string[] {
  const names = namesOfPrograms();
  const known = new Map<string, boolean>();
  const matters = (file: string): boolean => {
    const answer = known.get(file);
    if (answer !== undefined) return answer;
    known.set(file, false);
    const imported = project.source(file).imports.map(({ specifier }) => resolveImport(project, file, specifier));
    const found =
      names.test(project.text(file)) ||
      imported.some((other) => other !== null && (other.startsWith(NEEDS) || (isTest(other) && matters(other))));
    known.set(file, found);
    return found;
  };
  return project.files.filter((file) => /\.test\.tsx?$/.test(file) && matters(file));
}

function namesOfPrograms(): RegExp {
  const words = PROGRAM_NAMES.flatMap((name): string[] => {
    const program: OptionalProgram = PROGRAMS[name];
    // The commands of what has a directory of its own have names that mean other things elsewhere.
    return [name, ...(program.directory === undefined ? program.commands.flat() : [])];
  });
  return new RegExp(`\\b(${words.join('|')})\\b`);
}
