import type { BuildReference } from '../protocol/results.ts';

/** What one of the builds had to offer. */
export interface ComparedSide {
  build: Pick<BuildReference, 'version' | 'finished_at'>;
  /** Environments of which it has results. */
  environments: readonly string[];
}

/** Why no test of one build could be held against one of the other, as the end of a sentence. */
export function whyNothingCompared(from: ComparedSide, to: ComparedSide): string {
  const empty = [from, to].filter((side) => side.environments.length === 0);
  if (empty.length > 0) return empty.map(({ build }) => `${build.version} ${lackOf(build)}`).join(', and ');
  const [before, after] = [from, to].map((side) => [...side.environments].sort().join(', '));
  return `${from.build.version} ran in ${before}, ${to.build.version} in ${after}, and no environment is in both`;
}

function lackOf(build: ComparedSide['build']): string {
  return build.finished_at === null ? 'is not finished and has no test results yet' : 'has no test results';
}
