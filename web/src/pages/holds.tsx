import type { JSX } from 'preact';
import type { HoldView } from '../../../src/protocol/api/fleet.ts';
import { api } from '../api.ts';
import { Left } from '../parts/age.tsx';
import { Command } from '../parts/command.tsx';
import { Empty } from '../parts/empty.tsx';
import { Loading } from '../parts/loading.tsx';
import { Title } from '../parts/title.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';
import { useData } from '../use-data.ts';
import { HoldAction, ReleaseAction } from './node/actions.tsx';

/** Nodes kept for people: who, why, how long still, and the way in. */
export function HoldsPage(): JSX.Element {
  const { data, trouble, reload } = useData('holds', () => api.call('listHolds'), { channels: ['node'] });
  return (
    <>
      <Title text="Holds">
        <span class="quiet">{data === null ? '' : data.items.length}</span>
      </Title>
      {data === null ? <Loading trouble={trouble} /> : <TroubleNotice trouble={trouble} />}
      {data === null ? null : <HoldTable holds={data.items} onDone={reload} />}
    </>
  );
}

function HoldTable(properties: { holds: readonly HoldView[]; onDone(): void }): JSX.Element {
  if (properties.holds.length === 0) {
    return (
      <Empty
        text="No node is held. A job with `on_failure: {hold: 8h}` keeps the machine on which it fails; or keep one by hand:"
        command="npx groundcrew node hold NODE --for 8h"
      />
    );
  }
  return (
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">who</th>
            <th scope="col" class="grow">
              why
            </th>
            <th scope="col">run</th>
            <th scope="col" class="number">
              left
            </th>
            <th scope="col">shell</th>
            <th scope="col">
              <span class="offscreen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {properties.holds.map((hold) => (
            <tr key={hold.id} data-row>
              <th scope="row">
                <a class="mono" href={`/nodes/${hold.node_id}`}>
                  {hold.node_id}
                </a>
              </th>
              <td>{hold.owner}</td>
              <td class="break">{hold.reason}</td>
              <td>{hold.run_id === null ? '–' : <a href={`/runs/${hold.run_id}`}>{hold.run_id}</a>}</td>
              <td class="number">
                <Left until={hold.expires_at} />
              </td>
              <td>
                <Command text={hold.shell_command} />
              </td>
              <td class="actions">
                <HoldAction action="extend" node={held(hold)} onDone={properties.onDone} />
                <ReleaseAction node={held(hold)} onDone={properties.onDone} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function held({ node_id, owner }: HoldView): { id: string; state: string; owner: string } {
  return { id: node_id, state: 'held', owner };
}
