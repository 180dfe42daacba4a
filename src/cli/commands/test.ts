import type { Group } from '../group.ts';
import { parseCount, sayList } from '../text/list.ts';
import { addTestHistory } from './test-history.ts';

/** `groundcrew test history|find`. */
export function addTestCommands(test: Group): void {
  addTestHistory(test);
  test.add<[project: string, text: string], { limit?: number }>({
    usage: 'find <project> <text>',
    description: 'Tests of a project by a part of their suite or name',
    example: 'groundcrew test find acme/widget quotes',
    flags: (command) => void command.option('--limit <count>', 'at most this many, 1 to 200 (50)', parseCount),
    async work(context, { limit }, project, text) {
      const answer = await context.client().call('findTests', { query: { project, text, limit } });
      sayList(
        context,
        answer,
        [
          { title: 'Suite', least: 12, cut: 'middle' },
          { title: 'name', least: 20 },
        ],
        (row) => [row.suite, row.name],
        `No test of ${project} has "${text}" in its suite or name. Its builds: groundcrew build list --project ${project}`,
      );
    },
  });
}
