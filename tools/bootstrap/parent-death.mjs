import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/**
 * The command so that the kernel sends it a signal when this process ends, however it ends (setpriv(1), of util-linux):
 * a killed bootstrap leaves no npm behind that writes into the same directory, and no server. Unchanged where there is
 * no setpriv.
 */
export function endingWithParent(signal, command, parameters, search = process.env.PATH ?? '') {
  const setpriv = findInPath('setpriv', search);
  if (setpriv === null) return [command, parameters];
  return [setpriv, ['--pdeathsig', signal.replace(/^SIG/, ''), '--', command, ...parameters]];
}

function findInPath(name, search) {
  for (const directory of search.split(':')) {
    const file = join(directory || '.', name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here; the next directory may have it.
    }
  }
  return null;
}
