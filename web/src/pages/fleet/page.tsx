import type { JSX } from 'preact';
import type { FleetProblem, FleetView } from '../../../../src/protocol/api/fleet.ts';
import { HOW_TO_AGREE, HOW_TO_TAKE_OVER, ONLY_OBSERVES } from '../../../../src/protocol/observing.ts';
import { api } from '../../api.ts';
import { link } from '../../match.ts';
import { Action } from '../../parts/action.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Title } from '../../parts/title.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { useData } from '../../use-data.ts';
import { whyNot } from '../../who.ts';
import { LabelTable } from './labels.tsx';
import { PoolTable } from './pools.tsx';
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
      <PoolTable pools={fleet.pools} observing={fleet.observing} />
    </>
  );
}

/** What a problem is about: a provider or one of its node types, which have nodes to show, or the server itself. */
function Subject(properties: { problem: FleetProblem }): JSX.Element | string {
  const { subject, provider, node_type } = properties.problem;
  return provider === null ? subject : <a href={link('/nodes', { provider, type: node_type })}>{subject}</a>;
}
