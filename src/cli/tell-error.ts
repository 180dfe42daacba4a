import { describeCauses, GroundcrewError, messageOf } from '../base/errors/error.ts';
import type { Problem } from '../protocol/api/common.ts';
import { ApiProblem } from '../protocol/client.ts';
import { EXIT } from './exit-status.ts';
import { asTyped, type Output, type Surroundings } from './surroundings.ts';
import { plainText } from './text/plain.ts';
import { wrap } from './text/width.ts';

/** Thrown by commands that Ctrl-C ended, after they tidied up: nothing more is said. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Thrown when a command line cannot be right, beyond what its grammar refuses. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

interface TellFlags {
  json: boolean;
  verbose: boolean;
  /** Tells how commands are typed here. */
  environment?: Surroundings['environment'];
}

function withTyped(problem: LocalProblem | null, environment: Surroundings['environment']): LocalProblem | null {
  return problem && { ...problem, next: asTyped(problem.next, environment) };
}

/** Says what went wrong and what to do next, and answers the exit status. */
export function tellError(error: unknown, stderr: Output, flags: TellFlags): number {
  if (error instanceof Interrupted) return EXIT.interrupted;
  if (error instanceof UsageError) {
    stderr.write(`error: ${error.message}\n`);
    return EXIT.usage;
  }
  const problem = withTyped(problemOf(error), flags.environment ?? {});
  if (flags.json && problem !== null) stderr.write(`${JSON.stringify(problem, null, 2)}\n`);
  else if (problem !== null)
    stderr.write(describeProblem(problem, stderr.isTTY === true ? (stderr.columns ?? 80) : null));
  else stderr.write(`groundcrew: ${messageOf(error)}\n`);
  if (flags.verbose)
    stderr.write(`${error instanceof Error && problem === null ? error.stack : describeCauses(error)}\n`);
  return EXIT.error;
}

/** `GC1207  A server …`, and what to do below it. */
export function describeProblem(
  { code, detail, next }: Pick<Problem, 'code' | 'detail' | 'next'>,
  width: number | null,
): string {
  const indent = ' '.repeat(code.length + 2);
  const room = width === null ? null : Math.max(20, width - indent.length);
  const lines = [...detail.trimEnd().split('\n'), ...next.split('\n')].flatMap((line) =>
    wrap(plainText(line, true), room, /^ */.exec(line)?.[0]),
  );
  return `${code}  ${lines.join(`\n${indent}`)}\n`;
}

/** What no server answered has no status. */
type LocalProblem = Omit<Problem, 'status'> & Partial<Pick<Problem, 'status'>>;

/** Null for what is not in the catalogue. */
function problemOf(error: unknown): LocalProblem | null {
  if (error instanceof ApiProblem) return error.problem;
  if (!(error instanceof GroundcrewError)) return null;
  return {
    type: `urn:groundcrew:error:${error.code}`,
    title: error.message.split(/[:.\n]/)[0] ?? '',
    detail: error.message,
    code: error.code,
    next: error.next,
  };
}
