import type { JSX } from 'preact';
import { FleetPage } from './pages/fleet.tsx';

/** Which address shows which page. */
export const PAGES: readonly (readonly [pattern: string, show: (parts: Record<string, string>) => JSX.Element])[] = [
  ['/', () => FleetPage()],
];
