import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { RunDetail } from '../../../src/protocol/api/runs.ts';
import { LogHeading, LogLine, ROW_PX } from './log-lines.tsx';
import { LogModel } from './log-model.ts';
import { LogToolbar } from './log-toolbar.tsx';
import { type LogPlace, useLogPlace } from './use-log-place.ts';
import { rowsInView, spacerHeight } from './viewport.ts';

const OVERSCAN = 20;
const LEAST_ROWS = 3;
/** For the scroll bar below the rows. */
const BOTTOM_PX = 16;

/** The log of a run: opens at its first error, or at the line in the address; follows while it grows. */
export function LogView(properties: { run_id: number; detail: RunDetail }): JSX.Element {
  const { run_id, detail } = properties;
  const model = useMemo(() => new LogModel(run_id, detail.log), [run_id]);
  useEffect(() => () => model.stop(), [model]);
  useEffect(() => model.tell(detail.log), [model, detail.log]);
  return <OpenLog key={run_id} model={model} detail={detail} run_id={run_id} />;
}

function OpenLog(properties: { model: LogModel; detail: RunDetail; run_id: number }): JSX.Element {
  const { model, detail } = properties;
  void model.version.value;
  const place = useLogPlace(model, detail);
  const { scroll } = place;
  return (
    <section aria-labelledby="log-title" id="log">
      <LogToolbar model={model} place={place} live={detail.log.live} run_id={properties.run_id} />
      {/* biome-ignore lint/a11y/useSemanticElements: a region that scrolls. */}
      <div
        ref={scroll.element}
        class="log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
        tabIndex={0}
        role="region"
        aria-label="Log"
        style={{ height: `min(72vh, ${Math.max(LEAST_ROWS, place.map.rows) * ROW_PX + BOTTOM_PX}px)` }}
        onScroll={scroll.onScroll}
      >
        <div class="log-rows" style={{ height: `${spacerHeight(scroll)}px` }}>
          <LogRows model={model} place={place} steps={detail.steps} />
        </div>
      </div>
    </section>
  );
}

function LogRows(properties: { model: LogModel; place: LogPlace; steps: RunDetail['steps'] }): JSX.Element {
  const { model, place } = properties;
  const { scroll, map } = place;
  const { first, last } = rowsInView(scroll, ROW_PX, OVERSCAN);
  const errors = errorsIn(model.errors, map.lineAt(first), map.lineAt(last));
  const digits = String(model.lines).length;
  const shown: JSX.Element[] = [];
  for (let index = first; index <= last; index++) {
    const row = map.at(index);
    const top_px = index * ROW_PX + scroll.offset_px;
    if (row === null) continue;
    if (row.kind === 'section') {
      const { ordinal } = row.section;
      shown.push(
        <LogHeading
          key={`section ${ordinal}`}
          step={properties.steps.find((step) => step.ordinal === ordinal)}
          lines={row.lines}
          folded={!place.isOpen(ordinal as number)}
          top_px={top_px}
          onToggle={() => place.toggle(ordinal as number)}
        />,
      );
      continue;
    }
    const { line } = row;
    const text = model.line(line);
    if (text === null) model.approach(line);
    const { pinned } = place;
    shown.push(
      <LogLine
        key={line}
        line={line}
        text={text}
        top_px={top_px}
        error={errors.has(line) || line === model.first_error}
        pinned={line === place.current || (pinned !== null && line >= pinned.first && line <= pinned.last)}
        digits={digits}
        onPin={place.pin}
      />,
    );
  }
  return <>{shown}</>;
}

/** The errors, in order, that lie between two lines. */
function errorsIn(errors: readonly number[], first: number, last: number): ReadonlySet<number> {
  let [low, high] = [0, errors.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((errors[middle] as number) < first) low = middle + 1;
    else high = middle;
  }
  const found = new Set<number>();
  for (let at = low; at < errors.length && (errors[at] as number) <= last; at++) found.add(errors[at] as number);
  return found;
}
