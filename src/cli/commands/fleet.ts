import type { Operations } from '../../protocol/client.generated.ts';
import type { Context } from '../context.ts';
import type { Group } from '../group.ts';
import { plainText } from '../text/plain.ts';
import { tableLines } from '../text/table.ts';
import { durationText } from '../text/time.ts';

type Fleet = Operations['getFleet']['answer'];

/** `groundcrew fleet`: what is wrong first, then labels and providers. */
export function addFleet(all: Group): void {
  all.add<[], object>({
    usage: 'fleet',
    description: 'The fleet: what is wrong, labels and providers by state',
    example: 'groundcrew fleet',
    async work(context) {
      const fleet = await context.client().call('getFleet');
      if (context.json) return context.sayJson(fleet);
      sayProblems(context, fleet);
      if (fleet.labels.length === 0 && fleet.providers.length === 0) {
        return context.note('The configuration has no labels and no providers. Check it with: groundcrew config check');
      }
      context.sayAll(labelLines(context, fleet));
      context.say();
      context.sayAll(providerLines(context, fleet));
    },
  });
}

function sayProblems(context: Context, fleet: Fleet): void {
  const { bad } = context.paint;
  if (fleet.observing) context.say(bad('! This deployment only observes: it was imported, and launches nothing.'));
  for (const { subject, text } of fleet.problems) context.say(bad(`! ${plainText(`${subject}: ${text}`)}`));
  if (fleet.observing || fleet.problems.length > 0) context.say();
}

function labelLines(context: Context, fleet: Fleet): string[] {
  const columns = [
    { title: 'Label', least: 12, cut: 'middle' },
    ...['target', 'ready', 'launching', 'in use', 'held', 'waiting'].map((title) => ({ title, right: true })),
  ] as const;
  const rows = fleet.labels.map(({ label, target, ready, coming, used, held, waiting }) => [
    label,
    ...[target, ready, coming, used, held, waiting].map(String),
  ]);
  return tableLines(columns, rows, context.width, context.paint);
}

function providerLines(context: Context, fleet: Fleet): string[] {
  const columns = [
    { title: 'Provider', least: 12, cut: 'middle' },
    { title: 'driver', least: 6 },
    { title: 'nodes', right: true },
    { title: 'launch p50', right: true },
    { title: 'launches 24 h' },
    { title: 'problem', least: 10, optional: true },
  ] as const;
  const rows = fleet.providers.map((row) => {
    const { provider, driver, nodes, limit, launch_p50_ms, launches_ok, launches_failed, problem } = row;
    const launches = launches_failed === 0 ? `${launches_ok} ok` : `${launches_ok} ok, ${launches_failed} failed`;
    const use = limit === null ? String(nodes) : `${nodes}/${limit}`;
    return [provider, driver, use, durationText(launch_p50_ms), launches, problem ?? ''];
  });
  return tableLines(columns, rows, context.width, context.paint);
}
