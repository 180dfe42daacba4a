import type { JSX } from 'preact';

export function FleetPage(): JSX.Element {
  return <h1>Fleet</h1>;
}
