import { GroundcrewError, messageOf } from '../../base/errors/error.ts';

/** GC1042 for what the file system refused, with how another file is named, GC1211 when there is no room; anything else as it is. */
export function fileError(error: unknown, file: string, how: string): unknown {
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (syscall === undefined || error instanceof GroundcrewError) return error;
  if (code === 'ENOSPC') return new GroundcrewError('GC1211', { detail: `while writing ${file}.` }, error);
  const detail = code === 'ENOENT' ? 'there is no such directory.' : `${messageOf(error)}.`;
  return new GroundcrewError('GC1042', { file, detail, how }, error);
}
