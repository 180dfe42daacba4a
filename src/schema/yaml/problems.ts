import { type Place, positionOf } from './tree.ts';

/** Something to mend in a file. Warnings do not stop it from being used. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From 1. Null when the file as a whole is meant. */
  readonly line: number | null;
  readonly column: number | null;
  /** Which setting, for example `providers.rax.nodes[0].flavor`; empty when the document as a whole is meant. */
  readonly path: string;
  readonly message: string;
  /** For expressions: the text and the marker line under it. */
  readonly excerpt: readonly [string, string] | null;
}

/** More problems than this are counted, not listed. */
const MAX_LISTED = 50;
/** After this many, looking for more helps nobody. */
const MAX_KEPT = 1000;

/** Collects every problem of a document, each once, so that all of them are told at once. */
export class Problems {
  private readonly kept = new Map<string, Problem>();

  add(
    place: Place,
    path: string,
    message: string,
    extra: { severity?: Problem['severity']; excerpt?: readonly [string, string] } = {},
  ): void {
    if (this.kept.size >= MAX_KEPT) return;
    const { file } = place.source;
    const key = `${file}\n${place.offset}\n${message}`;
    if (this.kept.has(key)) return;
    const { severity = 'error', excerpt = null } = extra;
    this.kept.set(key, { severity, file, ...positionOf(place), path, message, excerpt });
  }

  /** In the order of the files, errors and warnings apart. */
  list(severity: Problem['severity']): Problem[] {
    const found = [...this.kept.values()].filter((problem) => problem.severity === severity);
    const files = [...new Set(found.map((problem) => problem.file))];
    return found.sort(
      (a, b) =>
        files.indexOf(a.file) - files.indexOf(b.file) ||
        (a.line ?? 0) - (b.line ?? 0) ||
        (a.column ?? 0) - (b.column ?? 0),
    );
  }

  get failed(): boolean {
    return this.list('error').length > 0;
  }
}

/** `file:line:col  path: message`, the paths below each other; long lists end in a count. */
export function formatProblems(problems: readonly Problem[]): string[] {
  const listed = problems.slice(0, MAX_LISTED);
  const positions = listed.map(formatPosition);
  const lengths = positions.map((position) => position.length);
  const width = Math.max(Math.max(...lengths) + 1, Math.min(...lengths) + 2);
  const lines = listed.flatMap((problem, index) => {
    const subject = problem.path === '' ? '' : `${problem.path}: `;
    const first = `${(positions[index] as string).padEnd(width)}${subject}${problem.message}`;
    return [first, ...(problem.excerpt ?? []).map((line) => ' '.repeat(width) + line)];
  });
  const left = problems.length - listed.length;
  return left === 0 ? lines : [...lines, `… and ${left} more`];
}

function formatPosition(problem: Problem): string {
  return problem.line === null ? problem.file : `${problem.file}:${problem.line}:${problem.column}`;
}

/** `1 problem`, `3 problems`. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
