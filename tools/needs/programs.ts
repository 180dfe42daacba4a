import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** A program of the machine that some tests are about, and that nothing else depends on. */
export interface OptionalProgram {
  /** What tests use it for. */
  use: string;
  /** Debian's package. */
  package: string;
  /** Names of its commands: it is there when one of each group is. */
  commands: readonly (readonly string[])[];
  /** Where alone it is looked for, when that is not where commands usually are. */
  directory?: string;
  /** A variable that names the one file to take instead. */
  variable?: string;
}

/** Every optional program: `npm test` goes without any of them, and says so. */
export const PROGRAMS = {
  bubblewrap: {
    use: 'isolation bubblewrap of the local provider',
    package: 'bubblewrap',
    commands: [['bwrap']],
  },
  chromium: {
    use: 'the dashboard in a browser',
    package: 'chromium',
    commands: [['chromium', 'chromium-browser', 'google-chrome']],
    variable: 'GROUNDCREW_CHROMIUM',
  },
  newuidmap: {
    use: 'nodes with two users where the server is not root',
    package: 'uidmap',
    commands: [['newuidmap'], ['newgidmap']],
  },
  'postgresql-15': {
    use: 'the oldest PostgreSQL that is supported',
    package: 'postgresql-15',
    commands: [['initdb'], ['postgres']],
    directory: '/usr/lib/postgresql/15/bin',
  },
  zsh: { use: 'the grammar of its completion script', package: 'zsh', commands: [['zsh']] },
  fish: { use: 'the grammar of its completion script', package: 'fish', commands: [['fish']] },
} as const satisfies Readonly<Record<string, OptionalProgram>>;

export type ProgramName = keyof typeof PROGRAMS;

export const PROGRAM_NAMES = Object.keys(PROGRAMS) as ProgramName[];

/** Where the local provider looks, too: what is in somebody's home is not seen on a node. */
const DIRECTORIES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Every file that could be the command of a group. */
export function placesOf(program: OptionalProgram, commands: readonly string[]): string[] {
  const named = program.variable === undefined ? undefined : process.env[program.variable];
  if (named !== undefined) return [named];
  const directories = program.directory === undefined ? DIRECTORIES : [program.directory];
  return commands.flatMap((command) => directories.map((directory) => join(directory, command)));
}

/** The file of the program's first command, or null unless all that belongs to it is there. */
export function findProgram(name: ProgramName): string | null {
  const program: OptionalProgram = PROGRAMS[name];
  const found = program.commands.map((commands) => placesOf(program, commands).find(isExecutable));
  return found.includes(undefined) ? null : (found[0] as string);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
