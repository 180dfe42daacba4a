import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { signedIn } from './api.ts';
import { connected, onChange } from './live.ts';
import { PAGES } from './pages.ts';
import { Empty } from './parts/empty.tsx';
import { KeyHelp, listenToKeys } from './parts/keys.tsx';
import { SearchBox } from './parts/search-box.tsx';
import { followLinks, matchPath, path } from './route.ts';

const NAVIGATION = [
  ['/', 'Fleet'],
  ['/requests', 'Requests'],
  ['/runs', 'Runs'],
  ['/builds', 'Builds'],
  ['/tests', 'Tests'],
  ['/holds', 'Holds'],
] as const;

/** The frame around every page. */
export function App(): JSX.Element {
  useEffect(() => {
    document.addEventListener('click', followLinks);
    const stopKeys = listenToKeys();
    const stopLive = onChange(() => undefined);
    return () => {
      document.removeEventListener('click', followLinks);
      stopKeys();
      stopLive();
    };
  }, []);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <header class="top">
        <a class="name" href="/">
          Groundcrew
        </a>
        <nav aria-label="Pages">
          {NAVIGATION.map(([to, name]) => (
            <a key={to} href={to} aria-current={isCurrent(to) ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <span class="quiet" role="status">
          {connected.value ? '' : '· not connected, trying again'}
        </span>
        <SearchBox />
      </header>
      <main id="main">{signedIn.value ? <Page /> : <SignIn />}</main>
      <KeyHelp />
    </>
  );
}

function isCurrent(to: string): boolean {
  return to === '/' ? path.value === '/' || path.value.startsWith('/nodes') : path.value.startsWith(to);
}

function Page(): JSX.Element {
  for (const [pattern, show] of PAGES) {
    const parts = matchPath(pattern, path.value);
    if (parts !== null) return show(parts);
  }
  return <Empty text="There is no such page." command={null} />;
}

function SignIn(): JSX.Element {
  return (
    <>
      <h1>Sign in</h1>
      <Empty
        text="You are not signed in, or your session is over. Make a one-use link where the server runs, and open it:"
        command="npx groundcrew enter"
      />
    </>
  );
}
