import type { Substitutions } from '../../schema/substitute.ts';

/** Variables of whoever submits, as in `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What `${…}` means in a job file: the combination's values, then the environment of whoever submits. */
export function jobSubstitutions(
  variables: Variables,
  combination: Readonly<Record<string, string>>,
  budget: Substitutions['budget'],
): Substitutions {
  const axes = Object.keys(combination);
  return {
    variable(name) {
      if (Object.hasOwn(combination, name)) return combination[name] as string;
      return Object.hasOwn(variables, name) ? (variables[name] ?? null) : null;
    },
    where: axes.length === 0 ? 'in the environment' : 'in the matrix or the environment',
    give: (name) => `pass --var ${name}=…`,
    known: axes,
    budget,
    file: null,
  };
}
