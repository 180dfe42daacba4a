import type { JSX } from 'preact';
import { api } from '../../api.ts';
import { LogView } from '../../log/log-view.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Title } from '../../parts/title.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { useData } from '../../use-data.ts';
import { RunFailures } from './failures.tsx';
import { RunFiles } from './files.tsx';
import { RunHead } from './head.tsx';
import { RunTimeline } from './timeline.tsx';

/** One run: its verdict and the first thing that failed, where the time went, failures, files, and the log. */
export function RunPage(properties: { id: string }): JSX.Element {
  const { id } = properties;
  const { data, trouble, reload } = useData(`run ${id}`, () => api.call('getRun', { path: { id } }), {
    channels: ['run'],
    ids: [id],
  });
  if (data === null) {
    return (
      <>
        <Title text={`Run ${id}`} />
        <Loading trouble={trouble} />
      </>
    );
  }
  return (
    <>
      <RunHead detail={data} onDone={reload} />
      <TroubleNotice trouble={trouble} />
      <RunTimeline detail={data} />
      <RunFailures detail={data} />
      <RunFiles detail={data} />
      <LogView run_id={data.run.id} detail={data} />
    </>
  );
}
