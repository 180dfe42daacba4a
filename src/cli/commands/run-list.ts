import { RUN_STATES, RUN_VERDICTS } from '../../runs/state.ts';
import type { Group } from '../group.ts';
import { parseWords } from '../text/arguments.ts';
import { addPageFlags, type PageFlags, sayList } from '../text/list.ts';
import { countSigns, runStatus } from '../text/status.ts';
import { ageOf, durationText } from '../text/time.ts';

interface ListFlags extends PageFlags {
  project?: string;
  build?: string;
  state?: string;
  verdict?: string;
  node?: string;
}

/** `groundcrew run list`. */
export function addRunList(run: Group): void {
  run.add<[], ListFlags>({
    usage: 'list',
    description: 'Runs, newest first',
    example: 'groundcrew run list --project acme/widget --verdict failed,timeout',
    flags(command) {
      command
        .option('--project <name>', 'only those of this project')
        .option('--build <version>', 'only those of this build')
        .option('--state <states>', `only these: ${RUN_STATES.join(', ')}`, parseWords(RUN_STATES))
        .option('--verdict <verdicts>', `only these: ${RUN_VERDICTS.join(', ')}`, parseWords(RUN_VERDICTS))
        .option('--node <node>', 'only those on this node');
      addPageFlags(command);
    },
    async work(context, { project, build, state, verdict, node, limit, cursor }) {
      const query = { project, build, state, verdict, node, limit, cursor };
      const answer = await context.client().call('listRuns', { query });
      const filtered = [project, build, state, verdict, node].some((word) => word !== undefined);
      sayList(
        context,
        answer,
        [
          { title: 'Run', right: true },
          { title: 'state' },
          { title: 'build', least: 16, cut: 'middle' },
          { title: 'environment', least: 8, cut: 'middle' },
          // Runs of one environment differ by it alone.
          { title: 'job', least: 8, cut: 'middle', dear: true },
          { title: 'age', right: true },
          { title: 'ran', right: true, optional: true },
          { title: 'submission', right: true, optional: true },
          { title: 'tests', least: 9 },
        ],
        (row) => [
          String(row.id),
          runStatus(row, context.paint),
          `${row.project}@${row.build}`,
          row.environment,
          row.job,
          ageOf(row.created_at, context.clock),
          durationText(row.ran_ms),
          String(row.submission_id),
          `${countSigns(row.counts)}${row.held ? '  ■ held' : ''}`,
        ],
        filtered
          ? 'No run is like that. All of them: groundcrew run list'
          : 'There are no runs yet. Hand in work with: groundcrew job submit job.yaml',
      );
    },
  });
}
