import type { JSX } from 'preact';
import { NODE_STATES } from '../../../../src/nodes/state.ts';
import type { FleetProblem, FleetView } from '../../../../src/protocol/api/fleet.ts';
import { HOW_TO_AGREE, HOW_TO_TAKE_OVER, ONLY_OBSERVES } from '../../../../src/protocol/observing.ts';
import { api } from '../../api.ts';
import { link } from '../../match.ts';
import { Action } from '../../parts/action.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Count } from '../../parts/number.tsx';
import { lookOf } from '../../parts/status.tsx';
import { Title } from '../../parts/title.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { whyNot } from '../../session.ts';
import { useData } from '../../use-data.ts';
import { LabelTable } from './labels.tsx';
import { ProviderTable } from './providers.tsx';

/** Home: what is wrong first, then labels, providers, and pools by state. */
export function FleetPage(): JSX.Element {
  const { data, trouble, reload } = useData('fleet', () => api.call('getFleet'), {
    channels: ['fleet', 'node', 'request'],
  });
  return (
    <>
      <Title text="Fleet">
        <a href="/nodes">all nodes</a>
      </Title>
      {data === null ? (
        <Loading trouble={trouble} />
      ) : (
        <>
          <TroubleNotice trouble={trouble} />
          <Fleet fleet={data} onDone={reload} />
        </>
      )}
    </>
  );
}

/** A copy of another deployment touches no machine until an admin agrees. */
function Observing(properties: { onDone(): void }): JSX.Element {
  return (
    <div class="notice calm" role="status">
      <div>{ONLY_OBSERVES}</div>
      <div class="quiet">{HOW_TO_AGREE}</div>
      <div class="quiet">{HOW_TO_TAKE_OVER}</div>
      <p class="buttons">
        <Action
          name="End observing"
          why_not={whyNot('admin')}
          question="From now on this deployment launches machines of its own, beside the original, and runs what waits here, also where the original runs it too. It never touches the original's machines."
          command="npx groundcrew fleet agree"
          act={async () => await api.call('agreeDeployment')}
          onDone={properties.onDone}
        />
      </p>
    </div>
  );
}

function Fleet(properties: { fleet: FleetView; onDone(): void }): JSX.Element {
  const { fleet } = properties;
  return (
    <>
      {fleet.observing ? <Observing onDone={properties.onDone} /> : null}
      {fleet.problems.map((problem) => (
        <div key={`${problem.code} ${problem.subject} ${problem.text}`} class="notice" role="status">
          <span class="bad" aria-hidden="true">
            !
          </span>{' '}
          <Subject problem={problem} />: {problem.text}
          {problem.code === 'held' ? (
            <>
              ; <a href="/holds">Holds</a>
            </>
          ) : null}
        </div>
      ))}
      <LabelTable labels={fleet.labels} />
      <ProviderTable providers={fleet.providers} />
      <PoolMatrix pools={fleet.pools} observing={fleet.observing} />
    </>
  );
}

/** What a problem is about: a provider or one of its node types, which have nodes to show, or the server itself. */
function Subject(properties: { problem: FleetProblem }): JSX.Element | string {
  const { subject, provider, node_type } = properties.problem;
  return provider === null ? subject : <a href={link('/nodes', { provider, type: node_type })}>{subject}</a>;
}

/** Pools × states: every number leads to its nodes. */
function PoolMatrix(properties: { pools: FleetView['pools']; observing: boolean }): JSX.Element {
  const { pools, observing } = properties;
  const states = NODE_STATES.filter((state) => state !== 'deleted');
  if (pools.length === 0 && observing) return <p class="empty">No node exists, since this deployment only observes.</p>;
  if (pools.length === 0) {
    return (
      <Empty
        text="No node exists yet. Labels with `ready:` are kept warm; work brings nodes too:"
        command="npx groundcrew job submit job.yaml"
      />
    );
  }
  return (
    <div class="wide">
      <table>
        <caption>Pools (node types)</caption>
        <thead>
          <tr>
            <th scope="col">Node type</th>
            <th scope="col">Provider</th>
            {states.map((state) => (
              <th key={state} scope="col" class="number">
                {state}
              </th>
            ))}
            <th scope="col" class="filler" />
          </tr>
        </thead>
        <tbody>
          {pools.map((pool) => (
            <tr key={`${pool.provider}/${pool.node_type}`} data-row>
              <th scope="row" title={pool.labels.join(', ')}>
                <a href={link('/nodes', { provider: pool.provider, type: pool.node_type })}>{pool.node_type}</a>
              </th>
              <td>{pool.provider}</td>
              {states.map((state) => (
                <td key={state} class="number">
                  <Count
                    value={pool.by_state[state] ?? 0}
                    to={link('/nodes', { provider: pool.provider, type: pool.node_type, state })}
                    label={`${state} nodes of ${pool.node_type} at ${pool.provider}`}
                    look={lookOf(state)}
                  />
                </td>
              ))}
              <td />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
