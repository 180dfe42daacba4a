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
  if (properties.projects.length === 0) {
    return (
      <Empty text="Nothing has been tested yet. Hand in a job file:" command="npx groundcrew job submit job.yaml" />
    );
  }
  return (
    <div class="wide">
      <table class="narrow">
        <thead>
          <tr>
            <th scope="col">Project</th>
            <th scope="col" class="number">
              builds
            </th>
            <th scope="col">newest</th>
            <th scope="col">result</th>
            <th scope="col">tests</th>
            <th scope="col" class="number">
              ago
            </th>
          </tr>
        </thead>
        <tbody>
          {properties.projects.map((project) => (
            <tr key={project.slug} data-row>
              <th scope="row">
                <a href={link('/builds', { project: project.slug })}>{project.slug}</a>
              </th>
              <td class="number">
                <a href={link('/builds', { project: project.slug })}>{project.builds.toLocaleString('en')}</a>
              </td>
              <NewestBuild
                project={project}
                build={newest.data?.items.find((build) => build.project === project.slug) ?? null}
              />
              <td class="number">{project.last_build_at === null ? '–' : <Age since={project.last_build_at} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Its result too, unless so many builds came since in other projects that it was not read. */
function NewestBuild(properties: { project: ProjectView; build: BuildRowView | null }): JSX.Element {
  const { project, build } = properties;
  if (build === null) {
    return (
      <>
        <td class="mono">{project.last_build ?? '–'}</td>
        <td />
        <td />
      </>
    );
  }
  return (
    <>
      <td>
        <a class="mono" href={`/builds/${build.build_id}`}>
          {build.version}
        </a>
      </td>
      <td>
        <Status word={build.finished_at === null ? 'running' : build.verdict} />
      </td>
      <td>
        <CountsBar counts={build.counts} />
      </td>
    </>
  );
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
