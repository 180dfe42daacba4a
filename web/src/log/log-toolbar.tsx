import type { JSX } from 'preact';
import { formatSize } from '../../../src/base/units.ts';
import { stripTerminal } from '../../../src/protocol/terminal.ts';
import { CopyButton } from '../parts/command.tsx';
import type { LogModel } from './log-model.ts';
import type { LogPlace } from './use-log-place.ts';

/** Lines that are copied at most: those that are marked. */
const COPIED_LINES = 5000;

/** What the log comes to, and ways through it. */
export function LogToolbar(properties: {
  model: LogModel;
  place: LogPlace;
  live: boolean;
  run_id: number;
}): JSX.Element {
  const { model, place, live } = properties;
  return (
    <div class="log-toolbar">
      <h2 id="log-title">Log</h2>
      <span class="quiet">
        {model.lines.toLocaleString('en')} lines, {formatSize(model.total_bytes)}
        {live ? ', growing' : ''}
      </span>
      <ErrorSteps model={model} place={place} />
      <span class="spacer" />
      {place.pinned === null ? null : <CopyButton text={() => markedText(model, place)}>copy marked lines</CopyButton>}
      {model.paused_bytes > 0 ? (
        <button type="button" onClick={() => model.goOn()}>
          read {formatSize(model.paused_bytes)} more
        </button>
      ) : null}
      {live ? (
        <label>
          <input
            type="checkbox"
            checked={place.follow}
            onChange={(event) => place.setFollow(event.currentTarget.checked)}
          />{' '}
          follow
        </label>
      ) : null}
      <CopyButton text={() => `npx groundcrew run log ${properties.run_id}${live ? ' -f' : ''}`}>
        copy command
      </CopyButton>
      <button type="button" class="plain" onClick={place.toggleAll}>
        fold or unfold all
      </button>
    </div>
  );
}

function ErrorSteps(properties: { model: LogModel; place: LogPlace }): JSX.Element {
  const { model, place } = properties;
  const count = model.errors.length;
  const none = count === 0;
  const index = model.errors.indexOf(place.current);
  const where = index === -1 ? '' : `${index + 1} of `;
  const counted = `${where}${count.toLocaleString('en')} ${count === 1 ? 'error line' : 'error lines'}`;
  return (
    <span class="error-steps">
      <span class={none ? 'quiet' : 'bad'} role="status">
        {none ? (model.read ? 'no error lines' : 'looking for errors…') : `✗ ${counted}`}
      </span>
      <button type="button" disabled={none} onClick={() => place.goToError(-1)} title="previous error (p)">
        ↑ <span class="offscreen">previous error</span>
      </button>
      <button type="button" disabled={none} onClick={() => place.goToError(1)} title="next error (n)">
        ↓ <span class="offscreen">next error</span>
      </button>
    </span>
  );
}

function markedText(model: LogModel, place: LogPlace): string {
  const { pinned } = place;
  if (pinned === null) return '';
  const lines: string[] = [];
  for (let line = pinned.first; line <= Math.min(pinned.last, pinned.first + COPIED_LINES); line++) {
    lines.push(model.line(line)?.text ?? '');
  }
  return lines.map((line) => stripTerminal(line)).join('\n');
}
