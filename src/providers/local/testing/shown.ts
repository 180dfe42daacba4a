/**
 * Does a namespace show something of a directory with this name? Where it is shown does not count: a namespace that
 * somebody else is making this very moment begins with a copy of all mounts of the host, ours among them.
 */
export function showsSomethingOf(name: string, mountinfo: string): boolean {
  return mountinfo.split('\n').some((line) => line.split(' ')[3]?.includes(name));
}
