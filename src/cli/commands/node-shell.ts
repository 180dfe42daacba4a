import { GroundcrewError } from '../../base/errors/error.ts';
import { NODE_ACTIONS, type NodeState, UNUSED_STATES } from '../../nodes/state.ts';
import type { Context } from '../context.ts';
import type { Group } from '../group.ts';
import { UsageError } from '../tell-error.ts';

/** `groundcrew node shell`: a terminal on a node, or one command there. */
export function addNodeShell(node: Group): void {
  node.add<[node: string, command: string[]], object>({
    usage: 'shell <node> [command...]',
    description: 'Open a shell on a node that is held or in use, or run one command there',
    example: "groundcrew node shell n-c40b17ae -- 'ls -la results | head'",
    notes:
      'It begins in the directory of the last run. A command of one word is a script for the shell; several words\n' +
      "are a command and its arguments as they are. The status is the command's. Without a terminal, standard input\n" +
      'is the script. A ready node has to be held first: the next run must find it as it was made.',
    async work(context, _flags, id, command) {
      if (context.json) throw new UsageError("node shell has no --json. The command's own flags come after --");
      await checkState(context, id);
      const { openShell } = await import('../shell/open-shell.ts');
      return await openShell(context, id, scriptOf(command));
    },
  });
}

/** Said before a connection is tried: GC1002 no such node, GC1403 and GC1009 its state does not allow it. */
async function checkState(context: Context, id: string): Promise<void> {
  const { node } = await context.client().call('getNode', { path: { id } });
  const state = node.state as NodeState;
  if (NODE_ACTIONS.shell.includes(state)) return;
  if (UNUSED_STATES.includes(state))
    throw new GroundcrewError('GC1403', {
      id,
      state,
      how: state === 'ready' ? 'Hold it first' : 'Hold it once it is ready',
    });
  throw new GroundcrewError('GC1009', { action: 'open a shell on', kind: 'node', id, state: node.state });
}

/** Null: a shell of its own. */
export function scriptOf(command: readonly string[]): string | null {
  if (command.length === 0) return null;
  return command.length === 1 ? (command[0] as string) : command.map(quoteWord).join(' ');
}

/** One word for `sh`, whatever is in it. */
function quoteWord(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
