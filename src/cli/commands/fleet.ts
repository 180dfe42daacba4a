import type { Operations } from '../../protocol/client.generated.ts';
import { HOW_TO_AGREE, HOW_TO_TAKE_OVER, ONLY_OBSERVES } from '../../protocol/observing.ts';
import type { Context } from '../context.ts';
import type { Group } from '../group.ts';
import { sayTables } from '../text/list.ts';
import { plainText } from '../text/plain.ts';
import { sparkline } from '../text/sparkline.ts';
import { providerStatus } from '../text/status.ts';
import { layTable, type Table } from '../text/table.ts';
import { durationText } from '../text/time.ts';
import { wrap } from '../text/width.ts';
import { addFleetAgree, addFleetSweep } from './fleet-agree.ts';

type Fleet = Operations['getFleet']['answer'];

/** `groundcrew fleet`, and what an admin agrees to: `fleet agree`, `fleet sweep`. */
export function addFleetCommands(fleet: Group): void {
  addFleetShow(fleet);
  addFleetAgree(fleet);
  addFleetSweep(fleet);
}

/** `groundcrew fleet`: what is wrong first, then labels and providers. */
function addFleetShow(fleet: Group): void {
  fleet.add<[], object>({
    usage: 'show',
    is_default: true,
    description: 'What is wrong, labels and providers by state; `groundcrew fleet` alone does the same',
    example: 'groundcrew fleet',
    notes: 'How long requests waited is that of the last hour, and the bars are its parts of five minutes.',
    async work(context) {
      const fleet = await context.client().call('getFleet');
      if (context.json) return context.sayJson(fleet);
      sayProblems(context, fleet);
      if (fleet.labels.length === 0 && fleet.providers.length === 0) {
        return context.note('The configuration has no labels and no providers. Check it with: groundcrew config check');
      }
      sayTables(context, [labelTable(context, fleet), providerTable(context, fleet)]);
    },
  });
}

function sayProblems(context: Context, fleet: Fleet): void {
  const { bad } = context.paint;
  if (fleet.observing) {
    context.say(bad(`! ${ONLY_OBSERVES}`));
    for (const line of [HOW_TO_AGREE, HOW_TO_TAKE_OVER]) {
      context.sayAll(wrap(`  ${context.typed(line)}`, context.width, '    '));
    }
  }
  for (const problem of fleet.problems) context.say(bad(problemLine(problem)));
  if (fleet.observing || fleet.problems.length > 0) context.say();
}

/** `! rax: full: 9 of 9 nodes; groundcrew hold list`: what is wrong, and what shows the way out where a command does. */
export function problemLine({ code, subject, text }: Fleet['problems'][number]): string {
  return `! ${plainText(`${subject}: ${text}`)}${code === 'held' ? '; groundcrew hold list' : ''}`;
}

function labelTable(context: Context, fleet: Fleet): Table {
  const columns = [
    { title: 'Label', least: 12, cut: 'middle' },
    ...['target', 'ready', 'launching', 'in use', 'held', 'waiting'].map((title) => ({ title, right: true })),
    { title: 'wait p95', right: true, optional: true },
    { title: 'last hour', optional: true },
  ] as const;
  const rows = fleet.labels.map(({ label, target, ready, coming, used, held, waiting, ...waits }) => [
    label,
    ...[target, ready, coming, used, held, waiting].map(String),
    durationText(waits.wait_p95_ms),
    sparkline(waits.waits_last_hour),
  ]);
  return layTable(columns, rows, context.width, context.paint);
}

function providerTable(context: Context, fleet: Fleet): Table {
  const columns = [
    { title: 'Provider', least: 12, cut: 'middle' },
    { title: 'state' },
    { title: 'driver', least: 6 },
    { title: 'nodes', right: true },
    { title: 'cores', right: true },
    { title: 'launch p50', right: true },
    { title: 'launches 24 h', optional: true },
  ] as const;
  const rows = fleet.providers.map((row) => {
    const { provider, driver, launch_p50_ms, launches_ok, launches_failed } = row;
    const launches = launches_failed === 0 ? `${launches_ok} ok` : `${launches_ok} ok, ${launches_failed} failed`;
    return [
      provider,
      providerStatus(row.state, context.paint),
      driver,
      useText(row.nodes, row.limit),
      row.cores === 0 && row.limit_cores === null ? '–' : useText(row.cores, row.limit_cores),
      durationText(launch_p50_ms),
      launches,
    ];
  });
  return layTable(columns, rows, context.width, context.paint);
}

/** `95/96`, or what is used alone where nothing limits it. */
function useText(used: number, limit: number | null): string {
  return limit === null ? String(used) : `${used}/${limit}`;
}
