import type { JSX } from 'preact';
import { formatDuration } from '../../../../src/base/units.ts';
import type { NodeDetail } from '../../../../src/protocol/api/fleet.ts';
import { api } from '../../api.ts';
import { link } from '../../match.ts';
import { Age, Left, Moment } from '../../parts/age.tsx';
import { Command } from '../../parts/command.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Status } from '../../parts/status.tsx';
import { Title } from '../../parts/title.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { Unheard } from '../../parts/unheard.tsx';
import { SILENCE_REFRESH_MS, useData } from '../../use-data.ts';
import { NodeActions } from './actions.tsx';

/** One node: why it is as it is, its story, checks, facts and console. */
export function NodePage(properties: { id: string }): JSX.Element {
  const { id } = properties;
  const { data, trouble, reload } = useData(`node ${id}`, () => api.call('getNode', { path: { id } }), {
    channels: ['node'],
    ids: [id],
    refresh_ms: SILENCE_REFRESH_MS,
  });
  return (
    <>
      <Title text={id}>
        {data === null ? null : (
          <>
            <Status word={data.node.state} />
            <span class="quiet">
              for <Age since={data.node.state_since} />
            </span>
            <span class="spacer" />
            <NodeActions node={{ ...data.node, owner: data.hold?.owner }} onDone={reload} />
          </>
        )}
      </Title>
      {data === null ? (
        <Loading trouble={trouble} />
      ) : (
        <>
          <TroubleNotice trouble={trouble} />
          <NodeBody detail={data} />
        </>
      )}
    </>
  );
}

function NodeBody(properties: { detail: NodeDetail }): JSX.Element {
  const { detail } = properties;
  const { node, hold } = detail;
  return (
    <>
      <p class="sentence">{detail.sentence}</p>
      <Unheard since={node.unheard_since}>Its agent</Unheard>
      {hold === null ? null : (
        <div class="notice held-notice">
          <span class="held" aria-hidden="true">
            ■
          </span>{' '}
          Held for {hold.owner}, <Left until={hold.expires_at} /> left: {hold.reason}
          <div>
            <Command text={hold.shell_command} />
          </div>
        </div>
      )}
      <div class="columns">
        <div>
          <h2>Node</h2>
          <dl class="facts">
            <dt>provider</dt>
            <dd>
              <a href={link('/nodes', { provider: node.provider })}>{node.provider}</a>
            </dd>
            <dt>type</dt>
            <dd>
              <a href={link('/nodes', { provider: node.provider, type: node.node_type })}>{node.node_type}</a>
            </dd>
            <dt>labels</dt>
            <dd class="labels">
              {node.labels.map((label) => (
                <a key={label} href={link('/nodes', { label })}>
                  {label}
                </a>
              ))}
            </dd>
            <dt>run</dt>
            <dd>{node.run_id === null ? '–' : <a href={`/runs/${node.run_id}`}>{node.run_id}</a>}</dd>
            <dt>made because</dt>
            <dd>{node.plan_reason}</dd>
            {node.end_reason === null ? null : (
              <>
                <dt>ended because</dt>
                <dd>
                  {node.fault === null ? null : <span class="odd">{node.fault}: </span>}
                  {node.end_reason}
                </dd>
              </>
            )}
            {node.deadline === null ? null : (
              <>
                <dt>deadline</dt>
                <dd>
                  in <Left until={node.deadline} />
                </dd>
              </>
            )}
          </dl>
        </div>
        <Preflight tasks={detail.preflight} />
      </div>
      <Story events={detail.events} />
      {detail.facts === null ? null : (
        <>
          <h2>Facts</h2>
          <Facts facts={detail.facts} />
        </>
      )}
      {detail.console === null || detail.console === '' ? null : (
        <>
          <h2>Console</h2>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
          <pre class="trace" tabIndex={0}>
            {detail.console}
          </pre>
        </>
      )}
    </>
  );
}

function Preflight(properties: { tasks: NodeDetail['preflight'] }): JSX.Element {
  const { tasks } = properties;
  return (
    <div>
      <h2>Pre-flight</h2>
      {tasks.length === 0 ? (
        <p class="quiet">Its agent has not reported any checks yet.</p>
      ) : (
        <div class="wide">
          <table>
            <thead>
              <tr>
                <th scope="col">Check</th>
                <th scope="col">outcome</th>
                <th scope="col" class="number">
                  took
                </th>
                <th scope="col">said</th>
              </tr>
            </thead>
            <tbody>
              {tasks.map((task) => (
                <tr key={task.name}>
                  <th scope="row">{task.name}</th>
                  <td>
                    <Status word={task.outcome} />
                    {task.tries > 1 ? <span class="quiet"> after {task.tries} tries</span> : null}
                  </td>
                  <td class="number">{formatDuration(task.duration_ms)}</td>
                  <td class="break">{task.detail}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

function Story(properties: { events: NodeDetail['events'] }): JSX.Element {
  return (
    <>
      <h2>Story</h2>
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">At</th>
              <th scope="col">state</th>
              <th scope="col">by</th>
              <th scope="col">why</th>
            </tr>
          </thead>
          <tbody>
            {properties.events.map((event, index) => (
              <tr key={index}>
                <td class="tight">
                  <Moment at={event.at} />
                </td>
                <td class="tight">
                  <Status word={event.state} />
                </td>
                <td class="tight quiet">{event.actor}</td>
                <td class="break">{event.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
