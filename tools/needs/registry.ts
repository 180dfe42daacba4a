import { CIRCUMSTANCES, type Circumstance, type CircumstanceName } from './circumstances.ts';
import { findProgram, type OptionalProgram, PROGRAM_NAMES, PROGRAMS, type ProgramName } from './programs.ts';

export type NeedName = ProgramName | CircumstanceName;

/** Everything that tests may ask for, in the order in which it is told. */
export const NEED_NAMES: readonly NeedName[] = [
  ...PROGRAM_NAMES,
  ...(Object.keys(CIRCUMSTANCES) as CircumstanceName[]),
];

/** A need as a person reads of it. */
export function describeNeed(name: NeedName): Omit<Circumstance, 'isThere'> {
  if (!isProgram(name)) return CIRCUMSTANCES[name];
  const { use, package: debian, variable }: OptionalProgram = PROGRAMS[name];
  const instead = variable === undefined ? '' : ` (or say where it is by ${variable})`;
  return { what: name, use, have: `apt-get install ${debian}${instead}` };
}

const known = new Map<NeedName, boolean>();

/** Is it here? Tried once in a process. */
export function isHere(name: NeedName): boolean {
  let answer = known.get(name);
  if (answer === undefined) {
    answer = isProgram(name) ? findProgram(name) !== null : CIRCUMSTANCES[name].isThere();
    known.set(name, answer);
  }
  return answer;
}

function isProgram(name: NeedName): name is ProgramName {
  return Object.hasOwn(PROGRAMS, name);
}
