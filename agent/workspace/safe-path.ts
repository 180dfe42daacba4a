const PATH_BYTES = 4096;
const NAME_BYTES = 255;

/**
 * The parts of a path inside the checkout, `.` and doubled slashes removed. Throws an `Error` with a plain sentence when
 * it is absolute, leads out by `..`, or no system would take it.
 */
export function safeParts(path: string): string[] {
  if (path.includes('\0')) throw new Error('its path holds a zero byte');
  if (path.startsWith('/')) throw new Error('its path is absolute');
  if (Buffer.byteLength(path) > PATH_BYTES) throw new Error(`its path is longer than ${PATH_BYTES} bytes`);
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new Error('its path leads out of the checkout');
  if (parts.some((part) => Buffer.byteLength(part) > NAME_BYTES)) {
    throw new Error(`a name in its path is longer than ${NAME_BYTES} bytes`);
  }
  return parts;
}

/**
 * Is a symbolic link's target inside the checkout, whatever other links say? `..` counts only at its beginning, where it
 * climbs real directories; behind a name it could climb out of where another link leads.
 */
export function isInsideLink(parents: readonly string[], target: string): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\0')) return false;
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  let climbs = 0;
  while (parts[climbs] === '..') climbs++;
  return climbs <= parents.length && !parts.slice(climbs).includes('..');
}
