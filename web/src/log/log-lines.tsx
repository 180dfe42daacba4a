import type { ComponentChild, JSX } from 'preact';
import { formatDuration } from '../../../src/base/units.ts';
import type { RunDetail } from '../../../src/protocol/api/runs.ts';
import { momentOf } from '../clock.ts';
import { Sign } from '../parts/status.tsx';
import { withQuery } from '../route.ts';
import { spansOf } from './ansi.ts';
import type { LineText } from './log-text.ts';

/** The height of every row, in CSS too. */
export const ROW_PX = 19;

/** One line with its number, which links to it. */
export function LogLine(properties: {
  line: number;
  text: LineText | null;
  top_px: number;
  error: boolean;
  pinned: boolean;
  digits: number;
  /** Its number was clicked; with Shift to mark all lines up to it. */
  onPin(line: number, extend: boolean): void;
}): JSX.Element {
  const { line, text, error, pinned } = properties;
  const number = String(line + 1);
  return (
    <div
      class={`log-line${error ? ' error' : ''}${pinned ? ' pinned' : ''}`}
      style={{ transform: `translateY(${properties.top_px}px)` }}
      data-line={number}
    >
      <a
        class="log-number"
        href={withQuery({ line: number })}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey) return;
          event.preventDefault();
          properties.onPin(line, event.shiftKey);
        }}
        tabIndex={-1}
        style={{ width: `${properties.digits + 4}ch` }}
      >
        <span class="bad" aria-hidden="true">
          {error ? '✗' : ' '}
        </span>
        {number}
      </a>
      <span class="log-text">
        {text === null ? '' : spansOf(text.text).map((span, index) => <Piece key={index} {...span} />)}
        {text?.cut ? <span class="quiet"> … the line goes on; its first 16 KiB are shown</span> : null}
      </span>
    </div>
  );
}

function Piece(properties: { text: string; look: string }): ComponentChild {
  return properties.look === '' ? properties.text : <span class={properties.look}>{properties.text}</span>;
}

/** A step's heading, which folds its lines. */
export function LogHeading(properties: {
  step: RunDetail['steps'][number] | undefined;
  lines: number;
  folded: boolean;
  top_px: number;
  onToggle(): void;
}): JSX.Element {
  const { step, lines, folded } = properties;
  const seconds =
    step === undefined || step.finished_at === null
      ? null
      : formatDuration(momentOf(step.finished_at) - momentOf(step.started_at));
  return (
    <button
      type="button"
      class="log-heading"
      style={{ transform: `translateY(${properties.top_px}px)` }}
      aria-expanded={!folded}
      onClick={properties.onToggle}
    >
      <span aria-hidden="true">{folded ? '▸' : '▾'}</span> {step === undefined ? null : <Sign word={step.state} />}{' '}
      <strong>{step?.name ?? ''}</strong>
      <span class="quiet">
        {seconds === null ? '' : `  ${seconds}`} {`  ${lines.toLocaleString('en')} ${lines === 1 ? 'line' : 'lines'}`}
        {step?.exit_code ? `  exit code ${step.exit_code}` : ''}
      </span>
    </button>
  );
}
