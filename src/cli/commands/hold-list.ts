import type { Group } from '../group.ts';
import { sayList } from '../text/list.ts';
import { leftUntil } from '../text/time.ts';

/** `groundcrew hold list`: who keeps what, and for how long. */
export function addHoldList(hold: Group): void {
  hold.add<[], object>({
    usage: 'list',
    description: 'Nodes kept for people, soonest end first',
    example: 'groundcrew hold list',
    notes: 'A node is given back with: groundcrew node release NODE.',
    async work(context) {
      const answer = await context.client().call('listHolds');
      sayList(
        context,
        answer,
        [
          { title: 'Node' },
          { title: 'left', right: true },
          { title: 'owner', least: 8 },
          { title: 'run', right: true },
          { title: 'enter it with' },
          { title: 'reason', least: 12, optional: true },
        ],
        (row) => [
          row.node_id,
          leftUntil(row.expires_at, context.clock),
          row.owner,
          row.run_id === null ? '–' : String(row.run_id),
          context.typed(row.shell_command),
          row.reason,
        ],
        'Nothing is held. Keep a node with: groundcrew node hold NODE, or on_failure: {hold: 8h} in a job file.',
      );
    },
  });
}
