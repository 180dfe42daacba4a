import { resolve } from 'node:path';
import { DEFAULT_DATA_DIRECTORY } from '../client-files.ts';
import type { Group } from '../group.ts';
import { namedData } from '../surroundings.ts';
import { parsePort } from '../text/arguments.ts';
import { goOnUnread } from '../unread.ts';

/** `groundcrew demo`: the whole flow on this machine. */
export function addDemo(all: Group): void {
  all.add<[], { once: boolean; data?: string; port?: number }>({
    usage: 'demo',
    description: 'Show the whole flow on this machine: a fleet, two builds, what changed, a held node',
    example: 'groundcrew demo --once',
    is_local: true,
    notes: 'In a pipe it says how far it is, and what came of it; with --verbose, all that its runs print, too.',
    flags(command) {
      command
        .option('--once', 'end after the summary; status 0 only when everything is as described', false)
        .option('--port <number>', 'port to listen on (7420, or any free one when it is taken)', parsePort);
    },
    async work(context, { once, port }) {
      const { environment, directory } = context.home;
      goOnUnread(context.home);
      const data = namedData(context.flags, environment) ?? DEFAULT_DATA_DIRECTORY;
      // The demo is loaded when it is shown: other commands need nothing of the server.
      const { runDemo } = await import('../demo/demo.ts');
      const verbose = context.flags.verbose === true;
      return await runDemo({ once, verbose, port: port ?? null, data: resolve(directory, data) });
    },
  });
}
