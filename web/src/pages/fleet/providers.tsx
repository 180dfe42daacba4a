import type { JSX } from 'preact';
import { formatDuration } from '../../../../src/base/units.ts';
import { NODE_STATES } from '../../../../src/nodes/state.ts';
import type { FleetView } from '../../../../src/protocol/api/fleet.ts';
import { link } from '../../match.ts';
import { Bar } from '../../parts/bar.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Count, Share } from '../../parts/number.tsx';
import { Status } from '../../parts/status.tsx';

type ProviderRow = FleetView['providers'][number];

/** One word for how it goes there. */
function stateOf(row: ProviderRow): string {
  if (row.problem !== null) return 'broken';
  return row.launches_failed > row.launches_ok ? 'failing' : 'ok';
}

/** Where nodes come from: how full, how quick, how often it works. What is wrong comes first. */
export function ProviderTable(properties: { providers: FleetView['providers'] }): JSX.Element {
  if (properties.providers.length === 0) {
    return (
      <Empty
        text="No provider is configured. Describe one, and look at it with:"
        command="npx groundcrew config check groundcrew.yaml"
      />
    );
  }
  const rank = ['broken', 'failing', 'ok'];
  const rows = [...properties.providers].sort(
    (left, right) => rank.indexOf(stateOf(left)) - rank.indexOf(stateOf(right)),
  );
  return (
    <div class="wide">
      <table>
        <caption>Providers</caption>
        <thead>
          <tr>
            <th scope="col">Provider</th>
            <th scope="col">state</th>
            <th scope="col" colSpan={2}>
              nodes of limit
            </th>
            <th scope="col" class="number">
              launch p50
            </th>
            <th scope="col">success 24 h</th>
            <th scope="col" class="filler" />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Provider key={row.provider} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Provider(properties: { row: ProviderRow }): JSX.Element {
  const { row } = properties;
  const { provider, limit, nodes } = row;
  const parts = NODE_STATES.map((state) => [state, row.by_state[state] ?? 0] as const);
  return (
    <tr data-row>
      <th scope="row">
        <a href={link('/nodes', { provider })}>{provider}</a> <span class="quiet">{row.driver}</span>
      </th>
      <td>
        <Status word={stateOf(row)} />
      </td>
      <td class="bar-cell">
        <Bar parts={parts} {...(limit === null ? {} : { whole: limit })} />
      </td>
      <td class="number">
        <Count value={nodes} to={link('/nodes', { provider })} label={`nodes at ${provider}`} />
        <span class="quiet">{limit === null ? '' : ` / ${limit.toLocaleString('en')}`}</span>
      </td>
      <td class="number">
        {row.launch_p50_ms === null ? <span class="quiet">–</span> : formatDuration(row.launch_p50_ms)}
      </td>
      <td>
        <Share part={row.launches_ok} of={row.launches_ok + row.launches_failed} noun="launches" />
      </td>
      <td />
    </tr>
  );
}
