import { readFile, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';

/** Homes of people in the text of a passwd file: root's, and those of users from 1000 on who are not nobody. */
export function homesIn(passwd: string): string[] {
  return passwd.split('\n').flatMap((line) => {
    const [, , uid_text, , , home] = line.split(':');
    const uid = Number(uid_text || 'none');
    return home?.startsWith('/') && (uid === 0 || (uid >= 1000 && uid !== 65_534)) ? [home] : [];
  });
}

/** Beside a node's programs nobody has a home; such an entry is for users who need none. */
const PROGRAMS = ['/usr/', '/etc/', '/bin/', '/sbin/', '/lib/', '/lib64/', '/proc/', '/sys/', '/dev/'];

/**
 * Directories of people on this machine, with links followed: /home and /root, and every home that is elsewhere, the
 * server's own included. What cannot be reached by the server's user is no matter: a node's users cannot either.
 */
export async function homeDirectories(): Promise<string[]> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const named = ['/home', '/root', homedir(), ...homesIn(passwd)];
  const real = await Promise.all([...new Set(named)].map((path) => realpath(path).catch(() => null)));
  return real.filter((path) => path !== null && isOwnPlace(path)) as string[];
}

/** A whole tree of the machine, such as /srv or /opt, is nobody's home, whatever an entry says. */
function isOwnPlace(path: string): boolean {
  return path.split('/').length > 2 && !PROGRAMS.some((programs) => path.startsWith(programs));
}

/** Without those that lie in another one: what covers that covers them, too. */
export function outermost(paths: readonly string[]): string[] {
  return [...new Set(paths)].filter((path) => !paths.some((other) => path.startsWith(`${other}/`)));
}
