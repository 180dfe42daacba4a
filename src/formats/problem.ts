import { GroundcrewError } from '../base/errors/error.ts';
import type { ParseProblem, ProblemCode } from './contract.ts';

/** Thrown inside a parser to end it; becomes the report's `problem`. */
export class ParseStop extends Error {
  override readonly name = 'ParseStop';
  readonly problem: ParseProblem;

  constructor(code: ProblemCode, problem: string, line = 0, column = 0) {
    super(problem);
    this.problem = { code, problem, line, column };
  }
}

/** The error that a person sees for a file's problem. `format` is its name for people, for example `JUnit XML`. */
export function problemError(file: string, format: string, problem: ParseProblem): GroundcrewError {
  const { line, column } = problem;
  switch (problem.code) {
    case 'GC1701':
    case 'GC1704':
      return new GroundcrewError(problem.code, { file, format, line, column, problem: problem.problem });
    case 'GC1702':
      return new GroundcrewError(problem.code, { file, format });
    case 'GC1703':
      return new GroundcrewError(problem.code, { file, format, problem: problem.problem });
    case 'GC1705':
      return new GroundcrewError(problem.code, { file, encoding: problem.problem });
  }
}
