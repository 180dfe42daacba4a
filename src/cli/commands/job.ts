import type { Group } from '../group.ts';
import { numberOf } from '../text/arguments.ts';
import { addJobSubmit } from './job-submit.ts';

/** `groundcrew job submit|cancel`. */
export function addJobCommands(job: Group): void {
  addJobSubmit(job);
  job.add<[submission: string], { reason?: string }>({
    usage: 'cancel <submission>',
    description: 'Cancel every unfinished run of a submission',
    example: 'groundcrew job cancel 12',
    notes:
      'The number of a submission is what job submit prints first; run list and run show have it, too.\n' +
      'One run alone: groundcrew run cancel RUN.',
    flags: (command) => void command.option('--reason <text>', 'what is shown beside the verdicts'),
    async work(context, { reason }, submission) {
      const id = numberOf('submission', submission, 'run list');
      const answer = await context.client().call('cancelSubmission', { path: { id }, body: { reason } });
      if (context.json) return context.sayJson(answer);
      const count = answer.cancelled.length;
      context.say(
        count === 0
          ? `✓ submission ${id}: nothing of it was still going`
          : `✓ submission ${id}: ${count} ${count === 1 ? 'run is' : 'runs are'} being cancelled`,
      );
    },
  });
}
