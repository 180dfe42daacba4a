import type { JSX } from 'preact';
import { formatDuration } from '../../../../src/base/units.ts';
import { COMING_STATES, type NodeState } from '../../../../src/nodes/state.ts';
import type { FleetView } from '../../../../src/protocol/api/fleet.ts';
import { momentOf, now_ms } from '../../clock.ts';
import { link } from '../../match.ts';
import { Age, Left } from '../../parts/age.tsx';
import { Bar, BarLegend } from '../../parts/bar.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Count, Share } from '../../parts/number.tsx';
import { Status } from '../../parts/status.tsx';

type ProviderRow = FleetView['providers'][number];

/** The parts of a provider's bar: the word that colours each, what it is called, and its states. */
const PARTS: readonly { word: string; name: string; states: readonly NodeState[] }[] = [
  { word: 'ready', name: 'ready', states: ['ready'] },
  { word: 'launching', name: 'launching', states: COMING_STATES },
  { word: 'running', name: 'in use', states: ['assigned', 'running'] },
  { word: 'held', name: 'held', states: ['held'] },
  { word: 'deleting', name: 'being deleted', states: ['deleting'] },
];

/** What is wrong comes first. */
const RANK: readonly ProviderRow['state'][] = ['broken', 'failing', 'paused', 'ok'];

/** Where nodes come from: how full, how quick, how often it works. */
export function ProviderTable(properties: { providers: FleetView['providers'] }): JSX.Element {
  if (properties.providers.length === 0) {
    return (
      <Empty
        text="No provider is configured. Describe one, and look at it with:"
        command="npx groundcrew config check groundcrew.yaml"
      />
    );
  }
  const rows = [...properties.providers].sort((left, right) => RANK.indexOf(left.state) - RANK.indexOf(right.state));
  // Where no node type says what it takes, there is nothing to count.
  const sized = rows.some((row) => row.cores > 0 || row.limit_cores !== null);
  const troubled = rows.some((row) => row.state !== 'ok' || Object.values(timesOf(row)).some((time) => time !== null));
  return (
    <div class="wide">
      <table>
        <caption>
          <span>Providers</span>{' '}
          <BarLegend parts={PARTS.map(({ word, name }) => [word, name])} rest="free to the limit" />
        </caption>
        <thead>
          <tr>
            <th scope="col">Provider</th>
            <th scope="col">state</th>
            <th scope="col" class="bar-cell" />
            <th scope="col" class="number">
              nodes of limit
            </th>
            {sized ? (
              <>
                <th scope="col" class="bar-cell" />
                <th scope="col" class="number">
                  cores of limit
                </th>
              </>
            ) : null}
            <th scope="col" class="number">
              launch p50
            </th>
            <th scope="col">success 24 h</th>
            {troubled ? (
              <th scope="col" class="grow">
                since, next try
              </th>
            ) : (
              <th scope="col" class="filler" />
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Provider key={row.provider} row={row} sized={sized} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Provider(properties: { row: ProviderRow; sized: boolean }): JSX.Element {
  const { row } = properties;
  const { provider, limit, nodes } = row;
  const parts = PARTS.map(({ word, states }) => {
    return [word, states.reduce((sum, state) => sum + (row.by_state[state] ?? 0), 0)] as const;
  });
  return (
    <tr data-row>
      <th scope="row">
        <a href={link('/nodes', { provider })}>{provider}</a> <span class="quiet">{row.driver}</span>
      </th>
      <td>
        <Status word={row.state} />
      </td>
      <td class="bar-cell">
        <Bar parts={parts} words={PARTS.map(({ name }) => name)} {...(limit === null ? {} : { whole: limit })} />
      </td>
      <td class="number">
        <Count value={nodes} to={link('/nodes', { provider })} label={`nodes at ${provider}`} />
        <Limit limit={limit} />
      </td>
      {properties.sized ? <Cores row={row} /> : null}
      <td class="number">
        {row.launch_p50_ms === null ? <span class="quiet">–</span> : formatDuration(row.launch_p50_ms)}
      </td>
      <td>
        <Share part={row.launches_ok} of={row.launches_ok + row.launches_failed} noun="launches" />
      </td>
      <td class="break quiet">
        <Times row={row} />
      </td>
    </tr>
  );
}

function Cores(properties: { row: ProviderRow }): JSX.Element {
  const { cores, limit_cores } = properties.row;
  return (
    <>
      <td class="bar-cell">
        {limit_cores === null ? null : (
          <Bar parts={[['running', cores]]} words={['cores in use']} whole={limit_cores} />
        )}
      </td>
      <td class="number">
        {cores === 0 && limit_cores === null ? <span class="quiet">–</span> : cores.toLocaleString('en')}
        <Limit limit={limit_cores} />
      </td>
    </>
  );
}

function Limit(properties: { limit: number | null }): JSX.Element {
  const { limit } = properties;
  return <span class="quiet">{limit === null ? '' : ` / ${limit.toLocaleString('en')}`}</span>;
}

/** Since when it goes badly there, and when it is tried again, if that is still to come. */
function timesOf({ since, next_try_at }: ProviderRow): { since: string | null; again: string | null } {
  return { since, again: next_try_at !== null && momentOf(next_try_at) > now_ms() ? next_try_at : null };
}

function Times(properties: { row: ProviderRow }): JSX.Element | null {
  const { since, again } = timesOf(properties.row);
  if (since === null && again === null) return null;
  return (
    <>
      {since === null ? null : (
        <>
          for <Age since={since} />
        </>
      )}
      {since !== null && again !== null ? ', ' : null}
      {again === null ? null : (
        <>
          next try in <Left until={again} />
        </>
      )}
    </>
  );
}
