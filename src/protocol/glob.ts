/** Alternatives that the braces of one glob may stand for, and characters that it may have. */
export const MOST_GLOB_ALTERNATIVES = 256;
export const MOST_GLOB_CHARACTERS = 1024;

/** What is wrong with a glob, in words that follow its name; null when nothing is. Both sides refuse the same ones. */
export function globProblem(glob: string): string | null {
  if (glob.length > MOST_GLOB_CHARACTERS) return `is longer than ${MOST_GLOB_CHARACTERS} characters`;
  if (expandBraces(glob) === null) return `stands for more than ${MOST_GLOB_ALTERNATIVES} alternatives`;
  return null;
}

/** A glob for each choice of `{one,two}`, also of nested ones; null when they are too many. */
export function expandBraces(glob: string): string[] | null {
  const pending = [glob];
  const found: string[] = [];
  // The innermost braces first, so each of them is there as often as those around it have been chosen from.
  for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
    const open = /(?<!\\)\{([^{}]*,[^{}]*)\}/.exec(one);
    if (open === null) found.push(one);
    else {
      const before = one.slice(0, open.index);
      const after = one.slice(open.index + open[0].length);
      for (const word of (open[1] as string).split(',').reverse()) pending.push(`${before}${word}${after}`);
    }
    if (pending.length + found.length > MOST_GLOB_ALTERNATIVES) return null;
  }
  return found;
}
