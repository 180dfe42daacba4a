import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { signedIn, troubleOfPage } from './api.ts';
import { connected, listen } from './live.ts';
import { matchPath } from './match.ts';
import { PAGES } from './pages.ts';
import { Empty } from './parts/empty.tsx';
import { KeyHelp, listenToKeys } from './parts/keys.tsx';
import { SearchBox } from './parts/search-box.tsx';
import { Title } from './parts/title.tsx';
import { TroubleNotice } from './parts/trouble.tsx';
import { followLinks, path } from './route.ts';
import { leave, readWho, who } from './who.ts';

const NAVIGATION = [
  ['/', 'Fleet'],
  ['/requests', 'Requests'],
  ['/runs', 'Runs'],
  ['/builds', 'Builds'],
  ['/tests', 'Tests'],
  ['/holds', 'Holds'],
  ['/queue', 'Queue'],
] as const;

/** Instead of the page that was asked for; every other page is shown as usual. */
const trouble_at_start = troubleOfPage();
const path_at_start = path.peek();

/** The frame around every page. */
export function App(): JSX.Element {
  useEffect(() => {
    document.addEventListener('click', followLinks);
    const stopKeys = listenToKeys();
    void readWho();
    return () => {
      document.removeEventListener('click', followLinks);
      stopKeys();
    };
  }, []);
  const may_look = signedIn.value;
  const refused = trouble_at_start !== null && path.value === path_at_start;
  useEffect(() => (may_look ? listen() : undefined), [may_look]);
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
        <SearchBox />
        <Who />
      </header>
      <p class="disconnected" role="status" hidden={connected.value || !may_look}>
        The server does not answer; what you see may be old. It is tried again by itself.
      </p>
      <main id="main" tabIndex={-1}>
        {refused ? <Refused /> : may_look ? <Page /> : <SignIn />}
      </main>
      <KeyHelp />
    </>
  );
}

function isCurrent(to: string): boolean {
  const here = path.value;
  if (to === '/') return here === '/' || here.startsWith('/nodes');
  if (to === '/builds') return here.startsWith('/builds') || here === '/compare';
  return here.startsWith(to);
}

function Who(): JSX.Element | null {
  if (who.value === null) return null;
  const { name, role, version } = who.value;
  return (
    <span class="who quiet" title={`${role}, Groundcrew ${version}`}>
      {name}{' '}
      <button type="button" class="plain" onClick={() => void leave()}>
        sign out
      </button>
    </span>
  );
}

function Page(): JSX.Element {
  for (const [pattern, Show] of PAGES) {
    const parts = matchPath(pattern, path.value);
    if (parts !== null) return <Show key={`${pattern} ${parts.id}`} id={parts.id ?? ''} />;
  }
  return (
    <>
      <Title text="No such page" />
      <p>
        Nothing is shown at this address. <a href="/">To the fleet</a>
      </p>
    </>
  );
}

/** What the server says of an address at which it has nothing to show. */
function Refused(): JSX.Element {
  return (
    <>
      <Title text={path.value.startsWith('/enter/') ? 'Sign-in link' : 'No such page'} />
      <TroubleNotice trouble={trouble_at_start} />
      <p>
        <a href="/">To the fleet</a>
      </p>
    </>
  );
}

function SignIn(): JSX.Element {
  return (
    <>
      <Title text="Sign in" />
      <Empty
        text="You are not signed in, or your session is over. Make a one-use link where the server runs, and open it:"
        command="npx groundcrew enter"
      />
    </>
  );
}
