import { Fragment, type JSX } from 'preact';
import type { NodeDetail } from '../../../../src/protocol/api/fleet.ts';
import { api } from '../../api.ts';
import { link } from '../../match.ts';
import { Age, Left } from '../../parts/age.tsx';
import { Command } from '../../parts/command.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Status } from '../../parts/status.tsx';
import { Title } from '../../parts/title.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { Unheard } from '../../parts/unheard.tsx';
import { SILENCE_REFRESH_MS, useData } from '../../use-data.ts';
import { NodeActions } from './actions.tsx';
import { Preflight, Story } from './story.tsx';

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
            {detail.machine === null ? null : <Machine machine={detail.machine} />}
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

/** What its launch answered: the machine's own name, where it is reached, and by which keys it is known. */
function Machine(properties: { machine: NonNullable<NodeDetail['machine']> }): JSX.Element {
  const { external_id, addresses, host_keys } = properties.machine;
  return (
    <>
      <dt>machine</dt>
      <dd>{external_id}</dd>
      {addresses.length === 0 ? null : (
        <>
          <dt>addresses</dt>
          <dd>{addresses.join(', ')}</dd>
        </>
      )}
      {host_keys.map((key) => (
        <Fragment key={key}>
          <dt>host key</dt>
          <dd>
            <code>{key}</code>
          </dd>
        </Fragment>
      ))}
    </>
  );
}
