import type { Group } from '../group.ts';
import { parseDuration } from '../text/arguments.ts';
import { coarse } from '../text/time.ts';
import { addNodeList } from './node-list.ts';
import { addNodeShell } from './node-shell.ts';
import { addNodeExplain, addNodeShow } from './node-show.ts';

const HOLD_MS = 8 * 3_600_000;

interface HoldFlags {
  for: number;
  reason?: string;
}

/** `groundcrew node list|show|explain|delete|hold|release|extend|shell`. */
export function addNodeCommands(node: Group): void {
  addNodeList(node);
  addNodeShow(node);
  addNodeExplain(node);
  addNodeShell(node);
  addHold(node, 'hold', 'Keep a node for yourself: a ready one now, a running one when its run ends');
  addHold(node, 'extend', 'Keep a held node for longer, counted from now');
  addEnd(node, 'release', 'Give a held node back: it is deleted');
  addEnd(node, 'delete', 'Delete a node, whatever it does; a run on it is done again elsewhere');
}

function addHold(node: Group, name: 'hold' | 'extend', description: string): void {
  node.add<[node: string], HoldFlags>({
    usage: `${name} <node>`,
    description,
    example: `groundcrew node ${name} n-c40b17ae --for 2h`,
    flags(command) {
      command
        .option('--for <duration>', 'how long, such as 30m, 8h, 2d', parseDuration, HOLD_MS)
        .option('--reason <text>', 'what others see');
      const flag = command.options.find((option) => option.long === '--for');
      if (flag !== undefined) flag.defaultValueDescription = '8h';
    },
    async work(context, { for: duration_ms, reason }, id) {
      const operation = name === 'hold' ? 'holdNode' : 'extendHold';
      const answer = await context.client().call(operation, { path: { id }, body: { duration_ms, reason } });
      if (context.json) return context.sayJson(answer);
      context.say(`✓ ${id} is kept for ${coarse(duration_ms)}. Enter it with: groundcrew node shell ${id}`);
    },
  });
}

function addEnd(node: Group, name: 'release' | 'delete', description: string): void {
  node.add<[node: string], object>({
    usage: `${name} <node>`,
    description,
    example: `groundcrew node ${name} n-c40b17ae`,
    async work(context, _flags, id) {
      const operation = name === 'release' ? 'releaseHold' : 'deleteNode';
      const answer = await context.client().call(operation, { path: { id } });
      if (context.json) return context.sayJson(answer);
      context.say(name === 'release' ? `✓ ${id} is released` : `✓ ${id} is being deleted`);
    },
  });
}
