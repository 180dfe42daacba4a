import { Readable } from 'node:stream';
import { GroundcrewError, messageOf } from '../../../src/base/errors/error.ts';
import { AGENT_PATHS, RUN_FILES_MOST } from '../../../src/protocol/agent.ts';
import type { Assignment } from '../../../src/protocol/job.ts';
import type { Context } from '../../context.ts';
import { discard, httpRequest, serverAddress } from '../../link/http.ts';
import { ChildLost, WorkspaceFiles } from '../../workspace/child.ts';
import type { FoundFile } from '../../workspace/collect.ts';
import { RunFailure } from './ending.ts';
import { Patience } from './patience.ts';

const IDLE_TIMEOUT_MS = 60_000;

export interface UploadHost {
  context: Context;
  assignment: Assignment;
  directory: string;
  /** A line for the run's log. */
  note(sentence: string): void;
  isOpen(): boolean;
  signal: AbortSignal;
}

/**
 * Sends results, then artifacts. Each is whole at the server when this returns. Throws `RunFailure` when a *result*
 * cannot be had or sent (a run without its results must not look well); a lost artifact is only a line in the log,
 * unless it was the node that lost it.
 * Throws the signal's reason.
 */
export async function upload(host: UploadHost): Promise<void> {
  const { results, artifacts } = host.assignment.spec;
  if (results.length + artifacts.length === 0) return;
  const { result_count, artifact_count, artifact_bytes } = host.context.limits;
  const workspace = new WorkspaceFiles(host.context, host.directory, host.signal);
  try {
    const count = { result: result_count, artifact: artifact_count, together: RUN_FILES_MOST };
    const collection = await workspace.collect({ results, artifacts, count, bytes: artifact_bytes });
    const { files, notes, lost_results } = collection;
    for (const sentence of notes) host.note(sentence);
    // Another node would find the same files: never `infra`.
    let failure = lost_results.length === 0 ? null : new RunFailure('failed', reasonOf(lost_results));
    for (const kind of ['result', 'artifact'] as const) {
      const lost = await sendAll(
        host,
        workspace,
        files.filter((file) => file.kind === kind),
      );
      if (kind === 'result' || lost?.cause instanceof ChildLost) failure ??= lost;
    }
    if (failure) throw failure;
  } catch (error) {
    host.signal.throwIfAborted();
    if (error instanceof RunFailure) throw error;
    // What the child reports of the files, such as a closed directory, is what the payload made of them.
    const state = error instanceof ChildLost ? 'infra' : 'failed';
    throw new RunFailure(state, `the results could not be collected: ${messageOf(error)}`, error);
  } finally {
    workspace.close();
  }
}

/** Sends files, several at once. Says which could not be sent; returns the failure of the first of those that the node lost, else of the first. */
async function sendAll(
  host: UploadHost,
  workspace: WorkspaceFiles,
  files: readonly FoundFile[],
): Promise<RunFailure | null> {
  const failures = new Map<FoundFile, RunFailure>();
  const left = files.values();
  const work = async (): Promise<void> => {
    for (const file of left) {
      try {
        await sendFile(host, workspace, file);
      } catch (error) {
        host.signal.throwIfAborted();
        const reason = `${file.path} could not be uploaded: ${messageOf(error)}`;
        host.note(`the ${file.kind} ${reason}`);
        const cause = error instanceof ReadError ? error.cause : error;
        const state = cause instanceof GivenUp || cause instanceof ChildLost ? 'infra' : 'failed';
        failures.set(file, new RunFailure(state, `${file.kind} ${reason}`, cause));
      }
    }
  };
  await Promise.all(Array.from({ length: host.context.limits.uploads_at_once }, work));
  const lost = files.flatMap((file) => failures.get(file) ?? []);
  return lost.find((failure) => failure.cause instanceof ChildLost) ?? lost[0] ?? null;
}

function reasonOf(lost_results: readonly string[]): string {
  const more = lost_results.length > 1 ? `; and ${lost_results.length - 1} more lines like this in the log` : '';
  return `not all results could be taken: ${lost_results[0]}${more}`;
}

/** The server was there and could not take the file for as long as we wait. */
class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

async function sendFile(host: UploadHost, workspace: WorkspaceFiles, file: FoundFile): Promise<void> {
  const patience = new Patience(host.context, host.isOpen);
  let mismatches = 0;
  for (let attempt = 0; ; attempt++) {
    let problem: unknown;
    try {
      const kept = attempt === 0 ? { bytes: 0, complete: false } : await ask(host, file);
      if (kept.complete) return;
      const status = await put(host, workspace, file, kept.bytes);
      if (status >= 200 && status < 300) return;
      if (isFinal(status) || (status === 422 && ++mismatches > 1)) throw new Refused(host, file, 'PUT', status);
      problem = new GroundcrewError('GC1904', { status, method: 'PUT', path: pathOf(host, file, kept.bytes) });
    } catch (error) {
      host.signal.throwIfAborted();
      if (error instanceof Refused || error instanceof ReadError) throw error;
      problem = error;
    }
    if (!(await patience.wait(host.signal))) throw new GivenUp(messageOf(problem), { cause: problem });
  }
}

function isFinal(status: number): boolean {
  // 401 too: the session is over, and the connection will say so.
  return status === 413 || status === 410 || status === 400 || status === 403 || status === 404;
}

class Refused extends Error {
  override readonly name = 'Refused';
  constructor(host: UploadHost, file: FoundFile, method: string, status: number) {
    super(new GroundcrewError('GC1904', { status, method, path: pathOf(host, file, 0) }).message);
  }
}

class ReadError extends Error {
  override readonly name = 'ReadError';
}

function pathOf(host: UploadHost, file: FoundFile, offset: number): string {
  const { run_id, fence } = host.assignment;
  const query = new URLSearchParams({
    path: file.path,
    kind: file.kind,
    ordinal: String(file.ordinal),
    size: String(file.size_bytes),
    offset: String(offset),
    ...(file.format === null ? {} : { format: file.format }),
  });
  return `${AGENT_PATHS.artifact(run_id, fence)}?${query}`;
}

/** How much of the file the server keeps from an earlier try. */
async function ask(host: UploadHost, file: FoundFile): Promise<{ bytes: number; complete: boolean }> {
  const { context, signal } = host;
  const response = await httpRequest(serverAddress(context.settings.server_url), {
    method: 'HEAD',
    path: pathOf(host, file, 0),
    bearer: context.state.value.session_secret,
    headers: { 'x-content-sha256': file.sha256 },
    idle_timeout_ms: IDLE_TIMEOUT_MS,
    signal,
  });
  await discard(response);
  const status = response.statusCode ?? 0;
  if (status === 410) throw new Refused(host, file, 'HEAD', status);
  if (status !== 200) return { bytes: 0, complete: false };
  const bytes = Number(response.headers['x-kept-bytes'] ?? 0);
  const isUsable = Number.isSafeInteger(bytes) && bytes >= 0 && bytes <= file.size_bytes;
  return { bytes: isUsable ? bytes : 0, complete: response.headers['x-complete'] === 'true' };
}

async function put(host: UploadHost, workspace: WorkspaceFiles, file: FoundFile, offset: number): Promise<number> {
  const { context, signal } = host;
  let unreadable: ReadError | null = null;
  async function* content(): AsyncGenerator<Buffer> {
    try {
      yield* workspace.read(file, offset);
    } catch (error) {
      unreadable = new ReadError(messageOf(error), { cause: error });
      throw unreadable;
    }
  }
  try {
    const response = await httpRequest(serverAddress(context.settings.server_url), {
      method: 'PUT',
      path: pathOf(host, file, offset),
      bearer: context.state.value.session_secret,
      headers: {
        'content-length': file.size_bytes - offset,
        'content-type': 'application/octet-stream',
        'x-content-sha256': file.sha256,
      },
      body: Readable.from(content(), { objectMode: false, highWaterMark: 2 ** 18 }),
      idle_timeout_ms: IDLE_TIMEOUT_MS,
      signal,
    });
    await discard(response);
    return response.statusCode ?? 0;
  } catch (error) {
    throw unreadable ?? error;
  }
}
