import { messageOf } from '../base/errors/error.ts';
import { EXIT } from './exit-status.ts';
import type { Surroundings } from './surroundings.ts';

/** Ends quietly when nobody reads the answer any more, as `| head` does, and with an error when it cannot be written. */
export function endWhenUnread(home: Surroundings): void {
  home.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') home.stderr.write(`groundcrew: cannot write the answer: ${messageOf(error)}\n`);
    home.leave(error.code === 'EPIPE' ? EXIT.unread : EXIT.error);
  });
  home.stderr.on('error', () => undefined);
}

/** For what serves: it goes on, whoever reads what it says. */
export function goOnUnread(home: Surroundings): void {
  home.stdout.removeAllListeners('error');
  home.stdout.on('error', () => undefined);
}
