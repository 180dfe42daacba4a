import type { JSX } from 'preact';
import { formatDuration } from '../../../src/base/units.ts';
import { api } from '../api.ts';
import { Loading } from '../parts/loading.tsx';
import { Title } from '../parts/title.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';
import { useData } from '../use-data.ts';

/** What the workers have before them, by lane. */
export function QueuePage(): JSX.Element {
  const { data, trouble } = useData('queue', () => api.call('getQueue'), { channels: ['queue'] });
  return (
    <>
      <Title text="Queue">
        <span class="quiet">what workers do with results: fetch, read, process, tell</span>
      </Title>
      {data === null ? <Loading trouble={trouble} /> : <TroubleNotice trouble={trouble} />}
      {data === null ? null : (
        <div class="wide">
          <table>
            <thead>
              <tr>
                <th scope="col">Lane</th>
                <th scope="col" class="number">
                  waiting
                </th>
                <th scope="col" class="number">
                  running
                </th>
                <th scope="col" class="number">
                  given up
                </th>
                <th scope="col" class="number">
                  oldest waits
                </th>
                <th scope="col" class="filler" />
              </tr>
            </thead>
            <tbody>
              {data.items.map((lane) => (
                <tr key={lane.lane}>
                  <th scope="row">{lane.lane}</th>
                  <td class="number">{lane.waiting}</td>
                  <td class="number">{lane.running}</td>
                  <td class="number">{lane.dead === 0 ? 0 : <strong class="bad">✗ {lane.dead}</strong>}</td>
                  <td class="number">
                    {lane.oldest_waiting_ms === null ? (
                      <span class="quiet">–</span>
                    ) : (
                      formatDuration(lane.oldest_waiting_ms)
                    )}
                  </td>
                  <td />
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
