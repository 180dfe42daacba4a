import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ProjectView } from '../../../../src/protocol/api/builds.ts';
import { api } from '../../api.ts';
import { link } from '../../match.ts';
import { Empty } from '../../parts/empty.tsx';
import { Choice, TextFilter } from '../../parts/filters.tsx';
import { Loading } from '../../parts/loading.tsx';
import type { Column } from '../../parts/table/column.ts';
import { Table } from '../../parts/table/table.tsx';
import { Title } from '../../parts/title.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { go, query, withQuery } from '../../route.ts';
import { useData } from '../../use-data.ts';
import { HistoryPage } from './history.tsx';
import { NotPassingTests } from './not-passing.tsx';

const FOUND_AT_MOST = 200;

/** Finding a test, and the history of the one that was found. */
export function TestsPage(): JSX.Element {
  const [project, suite, name] = ['project', 'suite', 'name'].map((key) => query.value.get(key));
  if (project && suite !== null && suite !== undefined && name) {
    return <HistoryPage key={`${project} ${suite} ${name}`} project={project} suite={suite} name={name} />;
  }
  return <SearchPage />;
}

/** So many projects are searched together, those with the newest builds; a project's own search is not bounded. */
const PROJECTS_SEARCHED = 12;
/** Without a choice and a text: the projects whose newest build is shown. */
const PROJECTS_SHOWN = 3;

function SearchPage(): JSX.Element {
  const projects = useData('projects', () => api.call('listProjects', { query: { limit: 500 } }), {
    channels: ['build'],
  });
  const items = projects.data?.items ?? [];
  const slugs = items.map((item) => item.slug);
  const project = query.value.get('project');
  const text = query.value.get('text') ?? '';
  const only = slugs.length === 1 ? slugs[0] : undefined;
  useEffect(() => {
    if (project === null && only !== undefined) go(withQuery({ project: only }), { replace: true });
  }, [project, only]);
  const newest = newestFirst(items);
  const searched = project === null ? newest.slice(0, PROJECTS_SEARCHED) : [project];
  return (
    <>
      <Title text="Tests" />
      {projects.data === null ? <Loading trouble={projects.trouble} /> : <TroubleNotice trouble={projects.trouble} />}
      {projects.data !== null && slugs.length === 0 ? (
        <Empty
          text="No test has run yet. A job with `results:` brings them:"
          command="npx groundcrew job submit job.yaml"
        />
      ) : (
        <>
          <div class="filters">
            <Choice name="project" label="project" words={slugs} none="all" />
            <TextFilter name="text" label="a part of the name or suite" />
            {project === null && slugs.length > searched.length ? (
              <span class="quiet">
                in the {searched.length} projects with the newest builds, of {slugs.length}
              </span>
            ) : null}
          </div>
          {searched.length === 0 || (project === null && only !== undefined) ? null : text === '' ? (
            searched.slice(0, PROJECTS_SHOWN).map((slug) => <NotPassingTests key={slug} project={slug} />)
          ) : (
            <Found projects={searched} text={text} />
          )}
        </>
      )}
    </>
  );
}

function newestFirst(projects: readonly ProjectView[]): string[] {
  const moment = (project: ProjectView): string => project.last_build_at ?? '';
  return projects.toSorted((left, right) => moment(right).localeCompare(moment(left))).map(({ slug }) => slug);
}

interface FoundTest {
  project: string;
  suite: string;
  name: string;
}

async function search(projects: readonly string[], text: string): Promise<FoundTest[]> {
  const limit = FOUND_AT_MOST;
  const answers = await Promise.all(
    projects.map(async (project) => {
      const { items } = await api.call('findTests', { query: { project, text, limit } });
      return items.map((test) => ({ project, ...test }));
    }),
  );
  return answers.flat();
}

function Found(properties: { projects: readonly string[]; text: string }): JSX.Element {
  const { projects, text } = properties;
  const { data, trouble } = useData(`tests ${projects.join()} ${text}`, () => search(projects, text), { channels: [] });
  if (data === null) return <Loading trouble={trouble} />;
  if (data.length === 0) {
    return (
      <p class="empty">
        No test of {projects.length === 1 ? projects[0] : 'these projects'} has “{text}” in its name or suite.
      </p>
    );
  }
  return (
    <>
      <Table
        columns={projects.length > 1 ? [PROJECT_COLUMN, ...FOUND_COLUMNS] : FOUND_COLUMNS}
        rows={data.slice(0, FOUND_AT_MOST)}
        keyOf={({ project, suite, name }) => `${project}\n${suite}\n${name}`}
      />
      {data.length >= FOUND_AT_MOST ? (
        <p class="quiet">These are the first {FOUND_AT_MOST}. Write more of the name to see others.</p>
      ) : null}
    </>
  );
}

const PROJECT_COLUMN: Column<FoundTest> = {
  key: 'project',
  head: 'Project',
  width_px: 120,
  card: 'line',
  cell: ({ project }) => project,
};
const FOUND_COLUMNS: readonly Column<FoundTest>[] = [
  {
    key: 'suite',
    head: 'Suite',
    width_px: 180,
    look: 'break',
    cell: ({ suite }) => <span class="name-text">{suite}</span>,
  },
  {
    key: 'test',
    head: 'Test',
    width_px: 250,
    names_row: true,
    grows: 1,
    card: 'title',
    look: 'break',
    cell: ({ project, suite, name }) => <a href={link('/tests', { project, suite, name })}>{name}</a>,
  },
];
