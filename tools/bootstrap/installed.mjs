import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Why `node_modules` is not what `package-lock.json` says, or null when it is. npm writes down what it installed in
 * `node_modules/.package-lock.json` as its last act; the two are compared, so an `npm install` by hand counts too.
 */
export function whyInstall(root) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  if (wanted === null) return 'package-lock.json cannot be read';
  const present = readPackages(hiddenLock(root));
  if (present === null) return 'the packages are not installed';
  const difference = comparePackages(wanted, present);
  if (difference !== null) return difference;
  const lost = Object.keys(present).find((path) => !existsSync(join(root, path, 'package.json')));
  return lost === undefined ? null : `${lost} is gone`;
}

/** npm's own record; removed before an installation, so that an interrupted one is never taken for a whole one. */
export function hiddenLock(root) {
  return join(root, 'node_modules', '.package-lock.json');
}

/** The first difference in words, or null. What is optional may be missing: it is for another platform. */
export function comparePackages(wanted, present) {
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || entry.link) continue;
    const found = present[path];
    if (found === undefined && (entry.optional || entry.devOptional || entry.peer)) continue;
    if (found === undefined) return `${path} is missing`;
    if (found.version !== entry.version) return `${path} is ${found.version}, not ${entry.version}`;
    if (entry.integrity && found.integrity && found.integrity !== entry.integrity)
      return `${path} is not the locked one`;
  }
  const extra = Object.keys(present).find((path) => wanted[path] === undefined);
  return extra === undefined ? null : `${extra} is not in package-lock.json`;
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? null;
  } catch {
    return null;
  }
}
