import type { Group } from '../group.ts';
import { addPageFlags, type PageFlags, sayList } from '../text/list.ts';
import { buildStatus, countSigns } from '../text/status.ts';
import { ageOf } from '../text/time.ts';
import { addBuildCompare } from './build-compare.ts';
import { addBuildShow } from './build-show.ts';

/** `groundcrew build list|show|compare`. */
export function addBuildCommands(build: Group): void {
  build.add<[], PageFlags & { project?: string }>({
    usage: 'list',
    description: 'Builds, newest first',
    example: 'groundcrew build list --project acme/widget',
    flags(command) {
      command.option('--project <name>', 'only those of this project');
      addPageFlags(command);
    },
    async work(context, { project, limit, cursor }) {
      const answer = await context.client().call('listBuilds', { query: { project, limit, cursor } });
      sayList(
        context,
        answer,
        [
          { title: 'Build', right: true },
          { title: 'state' },
          { title: 'project', least: 14, cut: 'middle' },
          { title: 'version', least: 12, cut: 'middle' },
          { title: 'age', right: true },
          { title: 'tests', least: 9 },
        ],
        (row) => [
          String(row.build_id),
          buildStatus(row, context.paint),
          row.project,
          row.version,
          ageOf(row.created_at, context.clock),
          countSigns(row.tests === 0 ? null : row.counts),
        ],
        project === undefined
          ? 'There are no builds yet. The first job makes one: groundcrew job submit job.yaml'
          : `There are no builds of ${project}. The projects: groundcrew project list`,
      );
    },
  });
  addBuildShow(build);
  addBuildCompare(build);
}
