import type { JSX } from 'preact';
import type { RunDetail } from '../../../../src/protocol/api/runs.ts';
import { api } from '../../api.ts';
import { LogView } from '../../log/log-view.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Title } from '../../parts/title.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { SILENCE_REFRESH_MS, useData } from '../../use-data.ts';
import { RunFailures } from './failures.tsx';
import { RunFiles } from './files.tsx';
import { RunHead } from './head.tsx';
import { RunTimeline } from './timeline.tsx';

/** The log, or that there is none: a box without lines would look as if it were lost. */
function RunLog(properties: { detail: RunDetail }): JSX.Element {
  const { run, log } = properties.detail;
  if (run.started_at !== null || log.bytes > 0) return <LogView run_id={run.id} detail={properties.detail} />;
  return (
    <section aria-labelledby="log-title">
      <h2 id="log-title">Log</h2>
      <p class="quiet">
        {run.state === 'finished' ? 'It never ran, so there is no log.' : 'It has not begun, so there is no log yet.'}
      </p>
    </section>
  );
}

/** One run: its verdict and the first thing that failed, where the time went, failures, files, and the log. */
export function RunPage(properties: { id: string }): JSX.Element {
  const { id } = properties;
  const { data, trouble, reload } = useData(`run ${id}`, () => api.call('getRun', { path: { id } }), {
    channels: ['run'],
    ids: [id],
    refresh_ms: SILENCE_REFRESH_MS,
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
      <RunLog detail={data} />
    </>
  );
}
