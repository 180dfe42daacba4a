import type { JSX } from 'preact';
import { formatDuration } from '../../../src/base/units.ts';
import { api } from '../api.ts';
import { Action } from '../parts/action.tsx';
import { Age } from '../parts/age.tsx';
import { Loading } from '../parts/loading.tsx';
import { Title } from '../parts/title.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';
import { whyNot } from '../session.ts';
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
                  dead
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
      <DeadItems />
    </>
  );
}

/** What failed for good, and why; nothing at all while there is none. */
function DeadItems(): JSX.Element | null {
  const { data, trouble, reload } = useData('dead', () => api.call('listDeadItems'), { channels: ['queue'] });
  if (data === null) return trouble === null ? null : <TroubleNotice trouble={trouble} />;
  if (data.items.length === 0) return null;
  return (
    <section>
      <h2>Dead</h2>
      <p class="quiet">Given up after many tries. Mend the cause, then have them tried once more.</p>
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">
                Item
              </th>
              <th scope="col">kind</th>
              <th scope="col">about</th>
              <th scope="col" class="grow">
                why
              </th>
              <th scope="col">since</th>
              <th scope="col">
                <span class="offscreen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.items.map((item) => (
              <tr key={item.id} data-row>
                <th scope="row" class="number">
                  {item.id}
                </th>
                <td>{item.kind}</td>
                <td class="mono">{item.key}</td>
                <td class="break">{item.error}</td>
                <td>{item.died_at === null ? '–' : <Age since={item.died_at} />}</td>
                <td class="actions">
                  <Action
                    name="Retry"
                    why_not={whyNot('operator')}
                    question={`Have work item ${item.id} tried again?`}
                    command={`npx groundcrew queue retry ${item.id}`}
                    act={async () => await api.call('retryDeadItem', { path: { id: item.id } })}
                    onDone={reload}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
