import type { Readable } from 'node:stream';
import { GroundcrewError, messageOf } from '../base/errors/error.ts';
import { detectFormat, formatNamed } from '../formats/all.ts';
import type { TestBatch } from '../formats/batch.ts';
import type { Format, ParseReport } from '../formats/contract.ts';
import { headOf } from '../formats/head.ts';
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
  /** Its format's name; null: what it looks like. */
  format: string | null;
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
      const parse: Parse = (format, stream) =>
        thread ? thread.parse(format, stream, sink) : parseInline(format, stream, sink);
      const { format, report } = await readFile(file, parse, signal);
      if (report.problem !== null) problems.push(describeProblem(file.path, format, report));
    }
  } finally {
    await thread?.close();
  }
  return problems;
}

type Parse = (format: Format, stream: AsyncIterable<Uint8Array>) => Promise<ParseReport>;

async function readFile(
  file: ResultFile,
  parse: Parse,
  signal: AbortSignal | undefined,
): Promise<{ format: Format; report: ParseReport }> {
  let stream: Readable | null = null;
  // A stream that hangs does not come back to look at the signal by itself.
  const stop = (): void => void stream?.destroy(signal?.reason instanceof Error ? signal.reason : undefined);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    stream = await file.open();
    signal?.throwIfAborted();
    if (file.format !== null) {
      const format = formatNamed(file.format);
      return { format, report: await parse(format, stream) };
    }
    const { head, whole } = await headOf(stream);
    const format = detectFormat(head, file.path);
    return { format, report: await parse(format, whole) };
  } catch (error) {
    signal?.throwIfAborted();
    throw new GroundcrewError('GC1706', { file: file.path, detail: messageOf(error) }, error);
  } finally {
    signal?.removeEventListener('abort', stop);
    stream?.destroy();
  }
}

function describeProblem(file: string, format: Format, report: ParseReport): ResultProblem {
  const problem = report.problem as NonNullable<ParseReport['problem']>;
  const { code, message } = problemError(file, format.title, problem);
  const place = problem.line > 0 ? { line: problem.line, column: problem.column } : { line: null, column: null };
  return { file, code, message, ...place, tests_kept: report.tests };
}
