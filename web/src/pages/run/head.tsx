import type { JSX } from 'preact';
import type { RunDetail } from '../../../../src/protocol/api/runs.ts';
import { api } from '../../api.ts';
import { link } from '../../match.ts';
import { Action } from '../../parts/action.tsx';
import { Age, Left } from '../../parts/age.tsx';
import { Command } from '../../parts/command.tsx';
import { CountsText } from '../../parts/counts.tsx';
import { runWord, Status } from '../../parts/status.tsx';
import { Title } from '../../parts/title.tsx';
import { Unheard } from '../../parts/unheard.tsx';
import { whyNot } from '../../who.ts';
import { Failure, firstFailure } from './failures.tsx';

/** What kind of end it was, so that a machine's fault is never taken for a test's. */
const CLASSES: Readonly<Record<string, string>> = {
  failed: 'test failure',
  timeout: 'took too long',
  infra: 'infrastructure, not the tests',
  cancelled: 'cancelled',
  skipped: 'skipped: what it comes after did not pass',
};

/** Verdict and its class, what failed first, and what can be done about it. */
export function RunHead(properties: { detail: RunDetail; onDone(): void }): JSX.Element {
  const { run, hold } = properties.detail;
  const kind = run.verdict === null ? null : (CLASSES[run.verdict] ?? null);
  return (
    <>
      <Title text={`Run ${run.id}`}>
        <a href={link('/runs', { project: run.project })}>{run.project}</a>
        <a class="mono" href={`/builds/${run.build_id}`}>
          {run.build}
        </a>
        <span>
          {run.job} <span class="quiet">on</span> {run.environment}
        </span>
        <span class="quiet" title={`All of it is cancelled with: npx groundcrew job cancel ${run.submission_id}`}>
          submission {run.submission_id}
        </span>
        <span class="spacer" />
        <Cancel {...properties} />
      </Title>
      <div class={`verdict verdict-${run.verdict ?? 'live'}`}>
        <div class="verdict-line">
          <strong>
            <Status word={runWord(run)} />
          </strong>
          {kind === null ? null : <span>{kind}</span>}
          {run.counts === null ? null : <CountsText counts={run.counts} />}
          <span class="quiet">
            <Age since={run.finished_at ?? run.started_at ?? run.created_at} /> ago
          </span>
          <Attempts detail={properties.detail} />
        </div>
        <FirstFailure detail={properties.detail} />
      </div>
      <Unheard since={properties.detail.unheard_since}>
        {run.node_id === null ? 'Its node' : <a href={`/nodes/${run.node_id}`}>{run.node_id}</a>}
      </Unheard>
      {properties.detail.results_problem === null ? null : (
        <div class="notice" role="status">
          <span class="bad">✗ Results could not be read whole:</span> {properties.detail.results_problem}
        </div>
      )}
      {hold === null ? null : (
        <div class="notice held-notice">
          <span class="held" aria-hidden="true">
            ■
          </span>{' '}
          <a href={`/nodes/${hold.node_id}`}>{hold.node_id}</a> is held for {hold.owner},{' '}
          <Left until={hold.expires_at} /> left. Look around in it:
          <div>
            <Command text={hold.shell_command} />
          </div>
        </div>
      )}
    </>
  );
}

function FirstFailure(properties: { detail: RunDetail }): JSX.Element | null {
  const { run, failures } = properties.detail;
  const first = firstFailure(failures);
  if (first !== undefined) return <Failure failure={first} project={run.project} open />;
  if (run.state === 'queued' && run.request_id !== null) {
    return (
      <p class="first-failure">
        It waits for a node. <a href={`/requests/${run.request_id}`}>Why?</a>
      </p>
    );
  }
  return run.reason === null ? null : <p class="first-failure">{run.reason}</p>;
}

function Attempts(properties: { detail: RunDetail }): JSX.Element | null {
  const { run, other_attempts } = properties.detail;
  if (other_attempts.length === 0) return null;
  return (
    <span>
      attempt {run.attempt}; others:{' '}
      {other_attempts.map((other) => (
        <a key={other.id} href={`/runs/${other.id}`}>
          <Status word={other.verdict ?? 'running'} text={`${other.attempt}`} />{' '}
          <span class="offscreen">{other.verdict ?? 'not finished'}</span>
        </a>
      ))}
    </span>
  );
}

function Cancel(properties: { detail: RunDetail; onDone(): void }): JSX.Element {
  const { run } = properties.detail;
  const id = String(run.id);
  const over = run.state === 'finished' || run.state === 'finishing';
  return (
    <Action
      name="Cancel run"
      why_not={over ? `it is ${run.state} already` : whyNot('submitter')}
      question={`Cancel run ${id}? What it does now is ended.`}
      command={`npx groundcrew run cancel ${id}`}
      act={async () => await api.call('cancelRun', { path: { id }, body: {} })}
      onDone={properties.onDone}
    />
  );
}
