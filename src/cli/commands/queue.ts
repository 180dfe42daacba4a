import { appearanceOf } from '../../protocol/signs.ts';
import type { Group } from '../group.ts';
import { numberOf } from '../text/arguments.ts';
import { addPageFlags, type PageFlags, sayList } from '../text/list.ts';
import { ageOf, durationText } from '../text/time.ts';

/** `groundcrew queue list|dead|retry`. */
export function addQueueCommands(queue: Group): void {
  addLanes(queue);
  addDead(queue);
  queue.add<[id: string], object>({
    usage: 'retry <id>',
    description: 'Have a dead work item tried again, once its cause is mended',
    example: 'groundcrew queue retry 4711',
    async work(context, _flags, id) {
      const answer = await context
        .client()
        .call('retryDeadItem', { path: { id: numberOf('work item', id, 'queue dead') } });
      if (context.json) return context.sayJson(answer);
      context.say(`✓ work item ${id} is tried again`);
    },
  });
}

function addLanes(queue: Group): void {
  queue.add<[], object>({
    usage: 'list',
    description: 'Work items by lane: what waits, runs, or failed for good',
    example: 'groundcrew queue list',
    async work(context) {
      const answer = await context.client().call('getQueue');
      sayList(
        context,
        answer,
        [
          { title: 'Lane' },
          { title: 'waiting', right: true },
          { title: 'running', right: true },
          { title: 'dead', right: true },
          { title: 'oldest waits', right: true },
        ],
        ({ lane, waiting, running, dead, oldest_waiting_ms }) => [
          lane,
          String(waiting),
          String(running),
          dead > 0 ? { text: `${appearanceOf('dead')[0]} ${dead}`, paint: context.paint.bad } : '0',
          durationText(oldest_waiting_ms),
        ],
        'There are no lanes.',
      );
      const dead = answer.items.reduce((sum, lane) => sum + lane.dead, 0);
      if (dead > 0 && !context.json) context.note('What is dead, and why: groundcrew queue dead');
    },
  });
}

function addDead(queue: Group): void {
  queue.add<[], PageFlags>({
    usage: 'dead',
    description: 'Work items that failed for good, newest first, and why',
    example: 'groundcrew queue dead',
    notes: 'When the cause is mended: groundcrew queue retry ID.',
    flags: addPageFlags,
    async work(context, { limit, cursor }) {
      const answer = await context.client().call('listDeadItems', { query: { limit, cursor } });
      sayList(
        context,
        answer,
        [
          { title: 'Item', right: true },
          { title: 'lane' },
          { title: 'kind' },
          { title: 'about' },
          { title: 'died' },
          { title: 'why', least: 20 },
        ],
        ({ id, lane, kind, key, died_at, error }) => [
          String(id),
          lane,
          kind,
          key,
          died_at === null ? '–' : `${ageOf(died_at, context.clock)} ago`,
          error ?? 'no reason was kept',
        ],
        'Nothing is dead: every work item was done, or is still tried.',
      );
    },
  });
}
