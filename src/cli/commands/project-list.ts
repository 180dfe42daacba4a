import type { Group } from '../group.ts';
import { addPageFlags, type PageFlags, sayList } from '../text/list.ts';
import { ageOf } from '../text/time.ts';

/** `groundcrew project list`. */
export function addProjectList(project: Group): void {
  project.add<[], PageFlags>({
    usage: 'list',
    description: 'Projects by name',
    example: 'groundcrew project list',
    flags: addPageFlags,
    async work(context, { limit, cursor }) {
      const answer = await context.client().call('listProjects', { query: { limit, cursor } });
      sayList(
        context,
        answer,
        [
          { title: 'Project', least: 16, cut: 'middle' },
          { title: 'builds', right: true },
          { title: 'last build', least: 12, cut: 'middle' },
          { title: 'age', right: true },
        ],
        (row) => [row.slug, String(row.builds), row.last_build ?? '–', ageOf(row.last_build_at, context.clock)],
        'There are no projects yet. The first job makes one: groundcrew job submit job.yaml',
      );
    },
  });
}
