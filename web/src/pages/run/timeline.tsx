import type { JSX } from 'preact';
import { formatDuration } from '../../../../src/base/units.ts';
import type { RunDetail } from '../../../../src/protocol/api/runs.ts';
import { momentOf } from '../../clock.ts';
import { Age, Moment } from '../../parts/age.tsx';
import { Status } from '../../parts/status.tsx';

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

function Steps(properties: { steps: RunDetail['steps'] }): JSX.Element {
  return (
    <div class="wide">
      <table class="narrow">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">result</th>
            <th scope="col" class="number">
              took
            </th>
            <th scope="col">began</th>
            <th scope="col">exit</th>
          </tr>
        </thead>
        <tbody>
          {properties.steps.map((step) => (
            <tr key={step.ordinal}>
              <th scope="row" class="break">
                {step.name}
              </th>
              <td>
                <Status word={step.state} />
              </td>
              <td class="number">
                {step.finished_at === null ? (
                  <Age since={step.started_at} />
                ) : (
                  formatDuration(momentOf(step.finished_at) - momentOf(step.started_at))
                )}
              </td>
              <td>
                <Moment at={step.started_at} />
              </td>
              <td>{step.reason ?? step.signal ?? step.exit_code ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
