import type { JSX } from 'preact';

const STEP = 10;
const HEIGHT = 18;

/** Columns for numbers beside each other, the largest as high as the line; an empty place where there is none. */
export function Sparkline(properties: { values: readonly (number | null)[]; label: string }): JSX.Element | null {
  const { values, label } = properties;
  const most = Math.max(0, ...values.filter((value) => value !== null));
  if (most === 0) return null;
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${values.length * STEP} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      {values.map((value, index) => {
        const height = value === null ? 1 : Math.max(2, (HEIGHT * value) / most);
        return (
          <rect
            key={index}
            class={value === null ? 'none' : 'some'}
            x={index * STEP}
            y={HEIGHT - height}
            width={STEP - 3}
            height={height}
          />
        );
      })}
    </svg>
  );
}
