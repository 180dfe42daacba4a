import type { JSX } from 'preact';
import { formatDuration } from '../../../../src/base/units.ts';
import { COMING_STATES } from '../../../../src/nodes/state.ts';
import type { FleetView } from '../../../../src/protocol/api/fleet.ts';
import { link } from '../../match.ts';
import { Bar, BarLegend } from '../../parts/bar.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Count } from '../../parts/number.tsx';
import { Sparkline } from '../../parts/sparkline.tsx';

type LabelRow = FleetView['labels'][number];

/** Labels that wait or are short of their target come first. */
function byNeed(left: LabelRow, right: LabelRow): number {
  const need = (row: LabelRow): number => row.waiting * 1000 + Math.max(0, row.target - row.ready - row.coming);
  return need(right) - need(left) || left.label.localeCompare(right.label);
}

/** What work asks for: the target, what is there, and who waits. */
export function LabelTable(properties: { labels: FleetView['labels'] }): JSX.Element {
  if (properties.labels.length === 0) {
    return (
      <Empty
        text="No label is kept warm. Say `ready: 3` for one in the configuration, and look at it with:"
        command="npx groundcrew config check groundcrew.yaml"
      />
    );
  }
  return (
    <div class="wide">
      <table class="first">
        <caption>
          Labels{' '}
          <BarLegend
            parts={[
              ['ready', 'ready'],
              ['launching', 'launching'],
            ]}
            rest="missing to the target"
          />
        </caption>
        <thead>
          <tr>
            <th scope="col">Label</th>
            <th scope="col" class="bar-cell">
              <span class="offscreen">Ready of target</span>
            </th>
            <th scope="col" class="number">
              target
            </th>
            <th scope="col" class="number">
              ready
            </th>
            <th scope="col" class="number">
              launching
            </th>
            <th scope="col" class="number">
              in use
            </th>
            <th scope="col" class="number">
              held
            </th>
            <th scope="col" class="number">
              waiting
            </th>
            <th scope="col">
              <span class="offscreen">Why they wait</span>
            </th>
            <th scope="col" class="number" title="nineteen of twenty requests of the last hour waited no longer">
              wait p95
            </th>
            <th scope="col" class="grow" title="how long requests waited, in parts of five minutes">
              last hour
            </th>
          </tr>
        </thead>
        <tbody>
          {[...properties.labels].sort(byNeed).map((row) => (
            <Label key={row.label} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Label(properties: { row: LabelRow }): JSX.Element {
  const { label, target, ready, coming, used, held, waiting, wait_p95_ms, waits_last_hour } = properties.row;
  const wait = wait_p95_ms === null ? null : formatDuration(wait_p95_ms);
  const nodes = (state: string): string => link('/nodes', { label, state });
  return (
    <tr data-row>
      <th scope="row">
        <a href={link('/nodes', { label })}>{label}</a>
      </th>
      <td class="bar-cell">
        <Bar
          whole={target}
          parts={[
            ['ready', ready],
            ['launching', coming],
          ]}
        />
      </td>
      <td class="number">{target.toLocaleString('en')}</td>
      <td class="number">
        <Count value={ready} to={nodes('ready')} label={`ready nodes of ${label}`} look="good" />
      </td>
      <td class="number">
        <Count value={coming} to={nodes(COMING_STATES.join())} label={`launching nodes of ${label}`} />
      </td>
      <td class="number">
        <Count value={used} to={nodes('assigned,running')} label={`nodes of ${label} in use`} />
      </td>
      <td class="number">
        <Count value={held} to={nodes('held')} label={`held nodes of ${label}`} look="held" />
      </td>
      <td class="number">
        <Count
          value={waiting}
          to={link('/requests', { state: 'waiting', label })}
          label={`requests waiting for ${label}`}
          look="bad"
        />
      </td>
      <td>{waiting > 0 ? <a href={link('/requests', { state: 'waiting', label })}>why?</a> : null}</td>
      <td class="number">{wait ?? <span class="quiet">–</span>}</td>
      <td>
        <Sparkline values={waits_last_hour} label={`waits for ${label} in the last hour, 95 % within ${wait ?? '–'}`} />
      </td>
    </tr>
  );
}
