import type { Group } from '../group.ts';
import { runOf } from '../text/arguments.ts';
import { addRunGet } from './run-get.ts';
import { addRunList } from './run-list.ts';
import { addRunLog } from './run-log.ts';
import { addRunShow } from './run-show.ts';

/** `groundcrew run list|show|log|get|cancel`. */
export function addRunCommands(run: Group): void {
  addRunList(run);
  addRunShow(run);
  addRunLog(run);
  addRunGet(run);
  run.add<[run: string], { reason?: string }>({
    usage: 'cancel <run>',
    description: 'Cancel a run: at once when it waits, by ending its payload when it runs',
    example: 'groundcrew run cancel 977 --reason "wrong branch"',
    flags: (command) => void command.option('--reason <text>', 'what is shown beside the verdict'),
    async work(context, { reason }, run) {
      const id = runOf(run);
      const answer = await context.client().call('cancelRun', { path: { id }, body: { reason } });
      if (context.json) return context.sayJson(answer);
      context.say(`✓ run ${id} is being cancelled`);
    },
  });
}
