import type { JSX } from 'preact';
import type { BuildView } from '../../../../src/protocol/api/builds.ts';
import type { Operations } from '../../../../src/protocol/client.generated.ts';
import { api } from '../../api.ts';
import { link } from '../../match.ts';
import { Age } from '../../parts/age.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Sign } from '../../parts/status.tsx';
import type { Column } from '../../parts/table/column.ts';
import { Table } from '../../parts/table/table.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { useData } from '../../use-data.ts';

/** Among so many builds one with results is looked for. */
const BUILDS_LOOKED_AT = 15;
/** Runs and tests of each that are read; the build's own page has them all. */
const RUNS_AT_MOST = 12;
const TESTS_AT_MOST = 100;
const STATUSES = 'fail,error,flaky';

type TestRow = Operations['listRunTests']['answer']['items'][number];

/** A test that did not pass, and where. */
interface NotPassing {
  test: TestRow;
  places: { environment: string; run_id: number }[];
}

interface Newest {
  build: BuildView['build'];
  tests: NotPassing[];
  /** There are more than were read. */
  more: boolean;
}

/** What fails and what is flaky in the newest finished build of a project, so that nobody need know a name. */
export function NotPassingTests(properties: { project: string }): JSX.Element {
  const { project } = properties;
  const { data, trouble } = useData(`not passing ${project}`, () => readNewest(project), { channels: ['build'] });
  if (data === null) return <Loading trouble={trouble} />;
  if (data.newest === null) return <p class="empty">{project} has no finished build with test results yet.</p>;
  const { build, tests, more } = data.newest;
  return (
    <section>
      <TroubleNotice trouble={trouble} />
      <h2>
        {tests.length === 0 ? 'Nothing fails in' : 'Failing and flaky in'}{' '}
        <a class="mono" href={`/builds/${build.build_id}`}>
          {build.version}
        </a>{' '}
        <span class="quiet">
          of {project}, its newest finished build, <Age short since={build.finished_at ?? build.created_at} /> ago
        </span>
      </h2>
      {tests.length === 0 ? null : <NotPassingTable project={project} tests={tests} />}
      {more ? (
        <p class="quiet">
          There are more: <a href={`/builds/${build.build_id}`}>the whole build</a>
        </p>
      ) : null}
    </section>
  );
}

function NotPassingTable(properties: { project: string; tests: readonly NotPassing[] }): JSX.Element {
  return <Table columns={columnsOf(properties.project)} rows={properties.tests} keyOf={({ test }) => keyOf(test)} />;
}

function columnsOf(project: string): readonly Column<NotPassing>[] {
  return [
    {
      key: 'test',
      head: 'Test',
      width_px: 250,
      names_row: true,
      card: 'title',
      look: 'break',
      cell: ({ test }) => (
        <span class="name-text">
          <Sign word={test.status} />{' '}
          <a href={link('/tests', { project, suite: test.suite, name: test.name })}>{test.name}</a>
        </span>
      ),
    },
    {
      key: 'suite',
      head: 'suite',
      width_px: 160,
      look: 'break quiet',
      cell: ({ test }) => <span class="name-text">{test.suite}</span>,
    },
    {
      key: 'in',
      head: 'in',
      width_px: 120,
      grows: 1,
      look: 'break',
      cell: ({ places }) =>
        places.map(({ environment, run_id }) => (
          <a key={run_id} class="place" href={`/runs/${run_id}`}>
            {environment}
          </a>
        )),
    },
  ];
}

async function readNewest(project: string): Promise<{ newest: Newest | null }> {
  const { items } = await api.call('listBuilds', { query: { project, limit: BUILDS_LOOKED_AT } });
  const row = items.find((build) => build.finished_at !== null && build.tests > 0);
  if (row === undefined) return { newest: null };
  const { build, environments } = await api.call('getBuild', { path: { id: row.build_id } });
  const runs = environments.flatMap(({ environment, jobs }) =>
    jobs.filter(hasNotPassing).map(({ run_id }) => ({ environment, run_id })),
  );
  const pages = await Promise.all(runs.slice(0, RUNS_AT_MOST).map(readRun));
  return {
    newest: {
      build,
      tests: merged(pages.flatMap(({ place, tests }) => tests.map((test) => ({ test, place })))),
      more: runs.length > RUNS_AT_MOST || pages.some(({ more }) => more),
    },
  };
}

function hasNotPassing({ counts }: BuildView['environments'][number]['jobs'][number]): boolean {
  return counts !== null && counts.fail + counts.error + counts.flaky > 0;
}

async function readRun(
  place: NotPassing['places'][number],
): Promise<{ place: NotPassing['places'][number]; tests: TestRow[]; more: boolean }> {
  const query = { status: STATUSES, limit: TESTS_AT_MOST };
  const { items, next_cursor } = await api.call('listRunTests', { path: { id: String(place.run_id) }, query });
  return { place, tests: items, more: next_cursor !== null };
}

/** One row for a test that has the same status in several environments; failures before what is flaky. */
function merged(found: readonly { test: TestRow; place: NotPassing['places'][number] }[]): NotPassing[] {
  const same = Map.groupBy(found, ({ test }) => keyOf(test));
  const rows = [...same.values()].map((each) => ({
    test: (each[0] as (typeof each)[number]).test,
    places: each.map(({ place }) => place),
  }));
  const rank = ({ test }: NotPassing): number => Number(test.status === 'flaky');
  return rows.sort((left, right) => rank(left) - rank(right));
}

function keyOf({ suite, name, status }: TestRow): string {
  return `${suite}\n${name}\n${status}`;
}
