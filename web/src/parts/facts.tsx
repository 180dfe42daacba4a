import type { JSX } from 'preact';
import { formatSize } from '../../../src/base/units.ts';

/** What is known of something, whatever it is: names and values. */
export function Facts(properties: { facts: Readonly<Record<string, unknown>> }): JSX.Element {
  return (
    <dl class="facts">
      {Object.entries(properties.facts).map(([name, value]) => (
        <>
          <dt key={name}>{nameOf(name)}</dt>
          <dd>{textOf(name, value)}</dd>
        </>
      ))}
    </dl>
  );
}

function nameOf(name: string): string {
  return name.replace(/_(bytes|ms)$/, '').replaceAll('_', ' ');
}

function textOf(name: string, value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number' && name.endsWith('_bytes')) return formatSize(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
