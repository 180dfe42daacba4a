import { formatSize } from '../../base/units.ts';
import type { Operations } from '../../protocol/client.generated.ts';
import type { Context } from '../context.ts';
import type { Group } from '../group.ts';
import { plainText } from '../text/plain.ts';
import { nodeStatus, painted } from '../text/status.ts';
import { ageOf, durationText, leftUntil, momentText, severalDays, timeOfDay } from '../text/time.ts';
import { padTo, widthOf, wrap } from '../text/width.ts';

type Detail = Operations['getNode']['answer'];

const CONSOLE_LINES = 10;

/** `groundcrew node show`: what it is, what was found on it, what may be done to it. */
export function addNodeShow(node: Group): void {
  node.add<[node: string], object>({
    usage: 'show <node>',
    description: 'One node: state, hold, facts, checks and console',
    example: 'groundcrew node show n-c40b17ae',
    async work(context, _flags, id) {
      const detail = await context.client().call('getNode', { path: { id } });
      if (context.json) return context.sayJson(detail);
      sayNode(context, detail);
      sayChecks(context, detail);
      sayConsole(context, detail);
    },
  });
}

/** `groundcrew node explain`: why it is as it is, and everything that happened to it. */
export function addNodeExplain(node: Group): void {
  node.add<[node: string], object>({
    usage: 'explain <node>',
    description: 'Why a node is as it is, and everything that happened to it',
    example: 'groundcrew node explain n-c40b17ae',
    notes: 'Times are in UTC.',
    async work(context, _flags, id) {
      const detail = await context.client().call('getNode', { path: { id } });
      if (context.json) return context.sayJson(detail);
      context.sayAll(wrap(plainText(detail.sentence), context.width));
      const { unheard_since } = detail.node;
      if (unheard_since !== null) context.say(`Its agent was not heard of for ${ageOf(unheard_since, context.clock)}.`);
      const withDay = severalDays(detail.events.map(({ at }) => at));
      for (const { at, state, reason } of detail.events) {
        const head = `  ${timeOfDay(at, withDay)} ${padTo(state, 10)}`;
        context.sayAll(wrap(`${head}  ${plainText(reason)}`, context.width, ' '.repeat(head.length + 2)));
      }
    },
  });
}

function sayNode(context: Context, { node, hold, facts, machine, sentence }: Detail): void {
  const { paint, clock } = context;
  context.say(`${painted(nodeStatus(node.state, paint))}  ${paint.strong(node.id)}`);
  context.sayAll(wrap(`  ${plainText(sentence)}`, context.width, '  '));
  if (node.unheard_since !== null) {
    context.say(paint.odd(`  ! its agent was not heard of for ${ageOf(node.unheard_since, clock)}`));
  }
  const lines: [string, string][] = [
    ['provider', `${node.provider}, node type ${node.node_type}`],
    ['labels', node.labels.join(' ')],
    ['made', `${momentText(node.created_at)}: ${node.plan_reason}`],
  ];
  if (node.run_id !== null) lines.push(['run', String(node.run_id)]);
  if (node.fault !== null) lines.push(['fault', node.fault]);
  if (node.deadline !== null) lines.push(['deadline', momentText(node.deadline)]);
  if (hold !== null) {
    lines.push(['held', `for ${hold.owner}, ${leftUntil(hold.expires_at, clock)} left: ${hold.reason}`]);
    lines.push(['enter', context.typed(hold.shell_command)]);
  }
  if (machine !== null) {
    lines.push(['machine', machine.external_id]);
    for (const address of machine.addresses) lines.push(['address', address]);
    for (const key of machine.host_keys) lines.push(['host key', key]);
  }
  for (const [name, value] of Object.entries(facts ?? {})) {
    if (name === 'memory_bytes') lines.push(['memory', formatSize(Number(value))]);
    else if (typeof value === 'string' || typeof value === 'number') {
      lines.push([name.replaceAll('_', ' '), String(value)]);
    }
  }
  if (node.actions.length > 0) lines.push(['may be', node.actions.map((action) => WORDS[action] ?? action).join(', ')]);
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  context.say();
  for (const [name, value] of lines) {
    const line = `  ${paint.quiet(name.padEnd(width))}${plainText(value)}`;
    context.sayAll(wrap(line, context.width, ' '.repeat(width + 2)));
  }
}

/** What may be done to it, as it is said. */
const WORDS: Readonly<Record<string, string>> = {
  delete: 'deleted',
  hold: 'held',
  release: 'released',
  extend: 'held for longer',
  shell: 'entered',
};

function sayChecks(context: Context, { preflight }: Detail): void {
  if (preflight.length === 0) return;
  context.say();
  const width = Math.max(...preflight.map(({ name }) => widthOf(name)));
  for (const { name, outcome, duration_ms, detail } of preflight) {
    const { good, bad } = context.paint;
    const said = outcome === 'ok' ? good('✓') : bad('✗');
    const text = `${padTo(plainText(name), width)}  ${outcome === 'ok' ? '' : `${outcome}  `}${plainText(detail)}`;
    context.say(`  ${said} ${text.trimEnd()}   ${context.paint.quiet(durationText(duration_ms))}`);
  }
}

function sayConsole(context: Context, detail: Detail): void {
  const text = detail.console?.trimEnd() ?? '';
  if (text === '') return;
  context.say();
  context.say(`  ${context.paint.quiet('the end of its console:')}`);
  for (const line of text.split('\n').slice(-CONSOLE_LINES)) context.say(`  │ ${plainText(line, true)}`);
}
