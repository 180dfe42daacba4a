import { GroundcrewError } from '../base/errors/error.ts';

const PATH_LONGEST_BYTES = 1024;

/**
 * The path of an artifact as it is kept: relative to the working directory, `/` between its parts. It becomes a file
 * name on people's machines, so whatever could leave a directory or a terminal is refused. Errors: GC1643.
 */
export function checkArtifactPath(path: string): string {
  const refuse = (detail: string): never => {
    throw new GroundcrewError('GC1643', { path: JSON.stringify(path.slice(0, 200)), detail });
  };
  if (path === '') refuse('it is empty');
  if (Buffer.byteLength(path) > PATH_LONGEST_BYTES) refuse(`it is longer than ${PATH_LONGEST_BYTES} bytes`);
  if (!path.isWellFormed()) refuse('it is not well-formed Unicode');
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) refuse('it is not relative');
  if (path.includes('\\')) refuse('it has a backslash');
  if ([...path].some((character) => character < ' ' || character === '\u007f')) refuse('it has a control character');
  for (const part of path.split('/')) {
    if (part === '') refuse('it has an empty part');
    if (part === '.' || part === '..') refuse(`it has the part "${part}"`);
  }
  return path;
}
