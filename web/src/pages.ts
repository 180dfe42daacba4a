import type { JSX } from 'preact';
import { BuildPage } from './pages/build/build.tsx';
import { BuildsPage } from './pages/build/builds.tsx';
import { ComparePage } from './pages/build/compare.tsx';
import { FleetPage } from './pages/fleet/page.tsx';
import { HoldsPage } from './pages/holds.tsx';
import { NodesPage } from './pages/node/list.tsx';
import { NodePage } from './pages/node/page.tsx';
import { QueuePage } from './pages/queue.tsx';
import { RequestPage } from './pages/request.tsx';
import { RequestsPage } from './pages/requests.tsx';
import { RunsPage } from './pages/run/list.tsx';
import { RunPage } from './pages/run/page.tsx';
import { TestsPage } from './pages/test/page.tsx';

type Show = (properties: { id: string }) => JSX.Element;

/** Which address shows which page. */
export const PAGES: readonly (readonly [pattern: string, page: Show])[] = [
  ['/', FleetPage],
  ['/nodes', NodesPage],
  ['/nodes/:id', NodePage],
  ['/requests', RequestsPage],
  ['/requests/:id', RequestPage],
  ['/runs', RunsPage],
  ['/runs/:id', RunPage],
  ['/builds', BuildsPage],
  ['/builds/:id', BuildPage],
  ['/compare', ComparePage],
  ['/tests', TestsPage],
  ['/holds', HoldsPage],
  ['/queue', QueuePage],
];
