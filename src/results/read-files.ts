import type { Readable } from 'node:stream';
import { GroundcrewError, messageOf } from '../base/errors/error.ts';
import type { TestBatch } from '../formats/batch.ts';
import type { ParseReport } from '../formats/contract.ts';
import { JUNIT } from '../formats/junit/parse.ts';
import { parseInline } from '../formats/parse-inline.ts';
import { ParserThread } from '../formats/parser-thread.ts';
import { problemError } from '../formats/problem.ts';
import type { ResultProblem } from '../protocol/results.ts';
import type { Builder } from './builder.ts';

/** A results file of a run. */
export interface ResultFile {
  /** For messages: where it was on the node. */
  path: string;
  /** Null when nobody knows. Decides whether a thread of its own is worth it. */
  size_bytes: number | null;
  open(): Promise<Readable>;
}

/** Together more than this is parsed in a thread. */
const INLINE_BYTES = 512 * 1024;

/** Is it so much that threads are worth it? */
export function isBig(files: readonly ResultFile[]): boolean {
  return files.reduce((sum, file) => sum + (file.size_bytes ?? Number.POSITIVE_INFINITY), 0) > INLINE_BYTES;
}

/** Gives the tests of all files to the builder; small ones are parsed here, big ones in a thread. */
export async function readFiles(
  files: readonly ResultFile[],
  builder: Builder,
  signal: AbortSignal | undefined,
): Promise<ResultProblem[]> {
  const problems: ResultProblem[] = [];
  const thread = isBig(files) ? new ParserThread() : null;
  try {
    for (const [index, file] of files.entries()) {
      const sink = async (batch: TestBatch): Promise<void> => {
        signal?.throwIfAborted();
        await builder.add(index, batch);
      };
      signal?.throwIfAborted();
      const parse = (stream: Readable): Promise<ParseReport> =>
        thread ? thread.parse(stream, sink) : parseInline(stream, sink);
      const report = await readFile(file, parse, signal);
      if (report.problem !== null) problems.push(describeProblem(file.path, report));
    }
  } finally {
    await thread?.close();
  }
  return problems;
}

async function readFile(
  file: ResultFile,
  parse: (stream: Readable) => Promise<ParseReport>,
  signal: AbortSignal | undefined,
): Promise<ParseReport> {
  let stream: Readable | null = null;
  // A stream that hangs does not come back to look at the signal by itself.
  const stop = (): void => void stream?.destroy(signal?.reason instanceof Error ? signal.reason : undefined);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    stream = await file.open();
    signal?.throwIfAborted();
    return await parse(stream);
  } catch (error) {
    signal?.throwIfAborted();
    throw new GroundcrewError('GC1706', { file: file.path, detail: messageOf(error) }, error);
  } finally {
    signal?.removeEventListener('abort', stop);
    stream?.destroy();
  }
}

function describeProblem(file: string, report: ParseReport): ResultProblem {
  const problem = report.problem as NonNullable<ParseReport['problem']>;
  const { code, message } = problemError(file, JUNIT, problem);
  const place = problem.line > 0 ? { line: problem.line, column: problem.column } : { line: null, column: null };
  return { file, code, message, ...place, tests_kept: report.tests };
}
