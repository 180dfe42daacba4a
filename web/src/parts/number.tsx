import type { JSX } from 'preact';

/** A count that links to what was counted; zero is quiet and no link. */
export function Count(properties: { value: number; to: string; label: string; look?: string }): JSX.Element {
  const { value } = properties;
  if (value === 0) return <span class="zero">0</span>;
  return (
    <a href={properties.to} class={properties.look} aria-label={`${value} ${properties.label}`}>
      {value.toLocaleString('en')}
    </a>
  );
}

/** `98.4 % of 120`; a dash without a sample, which is something else than 0 %. */
export function Share(properties: { part: number; of: number; noun: string }): JSX.Element {
  const { part, of, noun } = properties;
  if (of === 0)
    return (
      <span class="quiet" title={`no ${noun} yet`}>
        –
      </span>
    );
  const percent = (100 * part) / of;
  const shown = percent === 100 || percent === 0 ? percent.toFixed(0) : percent.toFixed(1);
  return (
    <span>
      {shown} % <span class="quiet">of {of.toLocaleString('en')}</span>
    </span>
  );
}
