import type { JSX } from 'preact';
import { formatDuration } from '../../../../src/base/units.ts';
import type { RunDetail } from '../../../../src/protocol/api/runs.ts';
import { momentOf } from '../../clock.ts';
import { Age, Moment } from '../../parts/age.tsx';
import { Status } from '../../parts/status.tsx';
import type { Column } from '../../parts/table/column.ts';
import { Table } from '../../parts/table/table.tsx';

type Step = RunDetail['steps'][number];

/** Where the seconds went: parts side by side, each with its time. */
export function RunTimeline(properties: { detail: RunDetail }): JSX.Element {
  const { run, timeline, steps } = properties.detail;
  const parts = timeline.filter((part) => part.duration_ms > 0);
  const whole_ms = Math.max(
    1,
    parts.reduce((sum, part) => sum + part.duration_ms, 0),
  );
  return (
    <section aria-labelledby="timeline-title">
      <h2 id="timeline-title">
        Timeline{' '}
        <span class="quiet">
          {run.finished_at === null
            ? ''
            : formatDuration(momentOf(run.finished_at) - momentOf(run.queued_at ?? run.created_at))}
        </span>
      </h2>
      {parts.length === 0 ? (
        <p class="quiet">
          {run.state}, for <Age since={run.queued_at ?? run.created_at} />
        </p>
      ) : (
        <ol class="timeline">
          {parts.map((part, index) => (
            <li
              key={part.part}
              class={`part-${index % 6}`}
              style={{ flexGrow: Math.max(0.02, part.duration_ms / whole_ms), '--share': part.duration_ms / whole_ms }}
            >
              <span class="part-bar" />
              <span class="part-name">{part.part.replaceAll('_', ' ')}</span>
              <span class="part-time">{formatDuration(part.duration_ms)}</span>
            </li>
          ))}
          {run.state === 'running' && run.started_at !== null ? (
            <li class="part-live" style={{ flexGrow: 1 }}>
              <span class="part-bar" />
              <span class="part-name">running</span>
              <span class="part-time">
                <Age since={run.started_at} />
              </span>
            </li>
          ) : null}
        </ol>
      )}
      {steps.length === 0 ? null : <Steps steps={steps} />}
    </section>
  );
}

const STEP_COLUMNS: readonly Column<Step>[] = [
  { key: 'step', head: 'Step', width_px: 160, names_row: true, card: 'title', look: 'break', cell: ({ name }) => name },
  { key: 'result', head: 'result', width_px: 100, card: 'beside', cell: ({ state }) => <Status word={state} /> },
  {
    key: 'took',
    head: 'took',
    width_px: 90,
    align: 'right',
    card: 'third',
    cell: ({ started_at, finished_at }) =>
      finished_at === null ? <Age since={started_at} /> : formatDuration(momentOf(finished_at) - momentOf(started_at)),
  },
  {
    key: 'began',
    head: 'began',
    width_px: 90,
    gives_way: 1,
    card: 'third',
    cell: ({ started_at }) => <Moment at={started_at} />,
  },
  {
    key: 'exit',
    head: 'exit',
    width_px: 60,
    card: 'third',
    cell: ({ reason, signal, exit_code }) => reason ?? signal ?? exit_code ?? '–',
  },
];

function Steps(properties: { steps: readonly Step[] }): JSX.Element {
  return (
    <Table columns={STEP_COLUMNS} rows={properties.steps} keyOf={({ ordinal }) => ordinal} as_content stops={false} />
  );
}
