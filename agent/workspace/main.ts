import { closeSync, readSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { GroundcrewError, messageOf } from '../../src/base/errors/error.ts';
import { type Collection, type CollectRequest, collect, type FoundFile, insideFile, openFile } from './collect.ts';
import { unpack } from './unpack.ts';

/**
 * What the agent asks its child for, one JSON line each. `collect` is answered by `CollectAnswer` lines, the last of
 * them with `notes`; `read` by a line and then the bytes.
 */
export type FilesRequest =
  | { do: 'collect'; request: CollectRequest }
  | { do: 'read'; path: string; offset: number; length: number };

/** A file each, so that no answer is long; or only that it still works. */
export type CollectAnswer = { file: FoundFile } | { alive: true } | Omit<Collection, 'files'>;

/**
 * The part of the agent that touches the workspace: a child process with the payload's own user and rights. Files that
 * it makes belong to the payload, and a link that a payload sets as a trap leads only to what the payload could read by
 * itself. `workspace unpack DIRECTORY LIMITS < archive`, `workspace files DIRECTORY`.
 */
export async function workspaceMain(argv: readonly string[]): Promise<number> {
  const [what, directory, limits] = argv as [string, string, string];
  if (what === 'unpack') {
    return (await answering(async () => answer(await unpack(process.stdin, directory, JSON.parse(limits))))) ? 0 : 1;
  }
  for await (const line of createInterface({ input: process.stdin })) {
    await answering(() => serve(directory, JSON.parse(line)));
  }
  return 0;
}

/** An error is an answer like another: one file that cannot be read does not end the rest. */
async function answering(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    const known = error instanceof GroundcrewError ? { code: error.code, parameters: error.parameters } : {};
    answer({ error: messageOf(error), ...known });
    return false;
  }
}

async function serve(directory: string, request: FilesRequest): Promise<void> {
  if (request.do === 'collect') {
    const say = (word: CollectAnswer): void => answer(word);
    const { notes, lost_results } = await collect(directory, request.request, {
      found: (file) => say({ file }),
      alive: () => say({ alive: true }),
    });
    say({ notes, lost_results });
    return;
  }
  const real = insideFile(directory, request.path);
  if (real === null) throw new Error(`${request.path} is not a file inside the working directory any more`);
  const { descriptor } = openFile(real);
  try {
    const buffer = Buffer.allocUnsafe(request.length);
    const bytes = readSync(descriptor, buffer, 0, request.length, request.offset);
    answer({ bytes });
    write(buffer.subarray(0, bytes));
  } finally {
    closeSync(descriptor);
  }
}

function answer(value: object): void {
  write(Buffer.from(`${JSON.stringify(value)}\n`));
}

/** Synchronous, so that nothing is lost at the process's exit. */
function write(data: Buffer): void {
  for (let written = 0; written < data.length; ) {
    try {
      written += writeSync(1, data, written);
    } catch (error) {
      // The pipe is full and was set to non-blocking: wait for the reader a little.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
