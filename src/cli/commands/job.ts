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
    notes: 'The number of a submission is what job submit prints first. One run alone: groundcrew run cancel RUN.',
    flags: (command) => void command.option('--reason <text>', 'what is shown beside the verdicts'),
    async work(context, { reason }, submission) {
      const id = numberOf('submission', submission);
      const answer = await context.client().call('cancelSubmission', { path: { id }, body: { reason } });
      if (context.json) return context.sayJson(answer);
      context.say(`✓ the unfinished runs of submission ${id} are being cancelled`);
    },
  });
}
