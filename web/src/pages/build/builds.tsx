import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { BuildRowView, ProjectView } from '../../../../src/protocol/api/builds.ts';
import { api } from '../../api.ts';
import { link } from '../../match.ts';
import { Age } from '../../parts/age.tsx';
import { CountsBar } from '../../parts/counts.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Status } from '../../parts/status.tsx';
import type { Column } from '../../parts/table/column.ts';
import { Table } from '../../parts/table/table.tsx';
import { Title } from '../../parts/title.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { go, query } from '../../route.ts';
import { useData } from '../../use-data.ts';
import { BuildGrid } from './grid.tsx';

/** Builds of all projects among which each project's newest is looked for. */
const NEWEST = 100;

/** Projects, and the builds of one of them. */
export function BuildsPage(): JSX.Element {
  const project = query.value.get('project');
  return project === null ? <Projects /> : <Builds key={project} project={project} />;
}

function Projects(): JSX.Element {
  const { data, trouble } = useData('projects', () => api.call('listProjects', { query: { limit: 500 } }), {
    channels: ['build'],
  });
  const only = data?.items.length === 1 ? data.items[0]?.slug : undefined;
  useEffect(() => {
    // One project needs no choosing.
    if (only !== undefined) go(link('/builds', { project: only }), { replace: true });
  }, [only]);
  return (
    <>
      <Title text="Builds" />
      {data === null ? <Loading trouble={trouble} /> : <TroubleNotice trouble={trouble} />}
      {data === null || only !== undefined ? null : <ProjectTable projects={data.items} />}
    </>
  );
}

function ProjectTable(properties: { projects: readonly ProjectView[] }): JSX.Element {
  const newest = useData('newest builds', () => api.call('listBuilds', { query: { limit: NEWEST } }), {
    channels: ['build', 'run'],
  });
  const newestOf = ({ slug }: ProjectView): BuildRowView | null =>
    newest.data?.items.find((build) => build.project === slug) ?? null;
  return (
    <Table
      columns={projectColumns(newestOf)}
      rows={properties.projects}
      keyOf={({ slug }) => slug}
      as_content
      empty={
        <Empty text="Nothing has been tested yet. Hand in a job file:" command="npx groundcrew job submit job.yaml" />
      }
    />
  );
}

/** Its result too, unless so many builds came since in other projects that it was not read: then it is null. */
function projectColumns(newestOf: (project: ProjectView) => BuildRowView | null): readonly Column<ProjectView>[] {
  return [
    {
      key: 'project',
      head: 'Project',
      width_px: 130,
      names_row: true,
      card: 'title',
      cell: ({ slug }) => <a href={link('/builds', { project: slug })}>{slug}</a>,
    },
    {
      key: 'builds',
      head: 'builds',
      width_px: 76,
      gives_way: 1,
      align: 'right',
      card: 'half',
      cell: ({ slug, builds }) => <a href={link('/builds', { project: slug })}>{builds.toLocaleString('en')}</a>,
    },
    {
      key: 'newest',
      head: 'newest',
      width_px: 100,
      card: 'half',
      look: 'mono',
      cell: (project) => {
        const build = newestOf(project);
        return build === null ? (project.last_build ?? '–') : <a href={`/builds/${build.build_id}`}>{build.version}</a>;
      },
    },
    {
      key: 'result',
      head: 'result',
      width_px: 100,
      card: 'half',
      cell: (project) => {
        const build = newestOf(project);
        return build === null ? null : <Status word={build.finished_at === null ? 'running' : build.verdict} />;
      },
    },
    {
      key: 'tests',
      head: 'tests',
      width_px: 170,
      gives_way: 2,
      card: 'half',
      cell: (project) => {
        const build = newestOf(project);
        return build === null ? null : <CountsBar counts={build.counts} />;
      },
    },
    {
      key: 'ago',
      head: 'ago',
      width_px: 100,
      align: 'right',
      card: 'beside',
      cell: ({ last_build_at }) => (last_build_at === null ? '–' : <Age since={last_build_at} />),
    },
  ];
}

function Builds(properties: { project: string }): JSX.Element {
  const { project } = properties;
  return (
    <>
      <Title text={project}>
        <a href={link('/runs', { project })}>runs</a>
        <a href={link('/tests', { project })}>tests</a>
        <span class="quiet">builds × environments, newest first</span>
      </Title>
      <BuildGrid project={project} />
    </>
  );
}
