import { NODE_STATES } from '../../nodes/state.ts';
import type { Operations } from '../../protocol/client.generated.ts';
import { HOW_TO_AGREE, ONLY_OBSERVES } from '../../protocol/observing.ts';
import type { Context } from '../context.ts';
import type { Group } from '../group.ts';
import { parseWords } from '../text/arguments.ts';
import { addPageFlags, type PageFlags, sayList } from '../text/list.ts';
import { nodeStatus } from '../text/status.ts';
import { ageOf } from '../text/time.ts';

interface ListFlags extends PageFlags {
  state?: string;
  label?: string;
  provider?: string;
}

type Node = Operations['listNodes']['answer']['items'][number];

/** What a node that is in use is there for: why it was made matters no more. Null for others. */
export function servedBy({ state, run_id }: Pick<Node, 'state' | 'run_id'>): string | null {
  if (state !== 'assigned' && state !== 'running') return null;
  return run_id === null ? 'serves a request' : `serves run ${run_id}`;
}

/** Why there is no node at all, and what to do. */
async function whyNone(context: Context, nodes: readonly Node[]): Promise<string> {
  if (nodes.length > 0) return '';
  const { observing } = await context.client().call('getDeployment');
  if (observing) return `There are no nodes. ${ONLY_OBSERVES}\n${HOW_TO_AGREE}`;
  return 'There are no nodes. Keep some ready with labels: {NAME: {ready: N}} in groundcrew.yaml.';
}

/** `groundcrew node list`. */
export function addNodeList(node: Group): void {
  node.add<[], ListFlags>({
    usage: 'list',
    description: 'Nodes, newest first; deleted ones only when asked for',
    example: 'groundcrew node list --state held,ready --label jammy',
    flags(command) {
      command
        .option('--state <states>', `only these: ${NODE_STATES.join(', ')}`, parseWords(NODE_STATES))
        .option('--label <label>', 'only those that carry it')
        .option('--provider <name>', 'only those of this provider');
      addPageFlags(command);
    },
    async work(context, { state, label, provider, limit, cursor }) {
      const answer = await context.client().call('listNodes', { query: { state, label, provider, limit, cursor } });
      const filtered = [state, label, provider].some((word) => word !== undefined);
      sayList(
        context,
        answer,
        [
          { title: 'Node' },
          { title: 'state' },
          { title: 'since', right: true },
          { title: 'labels', least: 10, cut: 'end' },
          { title: 'provider', least: 8, cut: 'middle' },
          { title: 'run', right: true },
          { title: 'why', least: 16, optional: true },
        ],
        (row) => [
          row.id,
          nodeStatus(row.state, context.paint),
          ageOf(row.state_since, context.clock),
          row.labels.join(' '),
          row.provider,
          row.run_id === null ? '–' : String(row.run_id),
          row.end_reason ?? row.hold_reason ?? servedBy(row) ?? row.plan_reason,
        ],
        filtered ? 'No node is like that. All of them: groundcrew node list' : await whyNone(context, answer.items),
      );
    },
  });
}
