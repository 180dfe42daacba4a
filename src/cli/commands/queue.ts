import type { Group } from '../group.ts';
import { tableLines } from '../text/table.ts';
import { durationText } from '../text/time.ts';

/** `groundcrew queue`: how much waits in each lane. */
export function addQueue(all: Group): void {
  all.add<[], object>({
    usage: 'queue',
    description: 'Work items by lane: what waits, runs, or failed for good',
    example: 'groundcrew queue',
    async work(context) {
      const answer = await context.client().call('getQueue');
      if (context.json) return context.sayJson(answer);
      if (answer.items.length === 0) return context.note('The queue is empty: nothing waits to be fetched or read.');
      const columns = [
        { title: 'Lane' },
        { title: 'waiting', right: true },
        { title: 'running', right: true },
        { title: 'dead', right: true },
        { title: 'oldest waits', right: true },
      ];
      const rows = answer.items.map(({ lane, waiting, running, dead, oldest_waiting_ms }) => [
        lane,
        String(waiting),
        String(running),
        dead > 0 ? { text: `! ${dead}`, paint: context.paint.bad } : '0',
        durationText(oldest_waiting_ms),
      ]);
      context.sayAll(tableLines(columns, rows, context.width, context.paint));
    },
  });
}
