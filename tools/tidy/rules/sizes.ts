import type { Finding, Rule } from '../finding.ts';
import { isCode, isStyle, isTest, type Project } from '../project.ts';
import { RATCHET } from '../ratchet.ts';

/** Lines a file. Functions (70 lines) are Biome's. */
export const LIMITS = { longest: 500, median: 120, ninetieth_percentile: 300 } as const;

/** Small files: a question leads to one of them. */
export const sizes: Rule = {
  name: 'sizes',
  *check(project): Generator<Finding> {
    const files = project.files.filter((file) => (isCode(file) || isStyle(file)) && !file.startsWith('examples/'));
    for (const file of files) yield* checkFile(file, countLines(project, file), RATCHET[file]);
    for (const file of Object.keys(RATCHET)) {
      if (files.includes(file)) continue;
      yield { file: 'tools/tidy/ratchet.ts', line: 1, what: `${file} is gone`, instead: 'remove its entry' };
    }
    yield* checkSpread(files.filter((file) => !isTest(file)).map((file) => countLines(project, file)));
  },
};

/** An exception of the ratchet is exact, so that it can only shrink. */
export function* checkFile(file: string, lines: number, exception: number | undefined): Generator<Finding> {
  const limit = exception ?? LIMITS.longest;
  if (lines > limit) yield { file, line: 1, what: `${lines} lines, at most ${limit}`, instead: 'split it by question' };
  if (exception === undefined || lines >= exception) return;
  const instead = lines <= LIMITS.longest ? 'remove the entry' : `lower it to ${lines}`;
  yield { file: 'tools/tidy/ratchet.ts', line: 1, what: `${file} has ${lines} lines, not ${exception}`, instead };
}

/** Median and 90th percentile over all files. */
export function* checkSpread(lines: number[]): Generator<Finding> {
  const sorted = lines.toSorted((left, right) => left - right);
  const at = (fraction: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? 0;
  const instead = 'split the largest files by question';
  if (at(0.5) > LIMITS.median) {
    yield { file: '.', line: 1, what: `median of ${at(0.5)} lines a file, at most ${LIMITS.median}`, instead };
  }
  if (at(0.9) > LIMITS.ninetieth_percentile) {
    const what = `90 % of files within ${at(0.9)} lines, should be ${LIMITS.ninetieth_percentile}`;
    yield { file: '.', line: 1, what, instead };
  }
}

function countLines(project: Project, file: string): number {
  return project.text(file).trimEnd().split('\n').length;
}
