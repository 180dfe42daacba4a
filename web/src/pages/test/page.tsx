import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { api } from '../../api.ts';
import { link } from '../../match.ts';
import { Empty } from '../../parts/empty.tsx';
import { Choice, TextFilter } from '../../parts/filters.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Title } from '../../parts/title.tsx';
import { TroubleNotice } from '../../parts/trouble.tsx';
import { go, query, withQuery } from '../../route.ts';
import { useData } from '../../use-data.ts';
import { HistoryPage } from './history.tsx';

const FOUND_AT_MOST = 200;

/** Finding a test, and the history of the one that was found. */
export function TestsPage(): JSX.Element {
  const [project, suite, name] = ['project', 'suite', 'name'].map((key) => query.value.get(key));
  if (project && suite !== null && suite !== undefined && name) {
    return <HistoryPage key={`${project} ${suite} ${name}`} project={project} suite={suite} name={name} />;
  }
  return <SearchPage />;
}

function SearchPage(): JSX.Element {
  const projects = useData('projects', () => api.call('listProjects', { query: { limit: 500 } }), {
    channels: ['build'],
  });
  const slugs = projects.data?.items.map((item) => item.slug) ?? [];
  const project = query.value.get('project');
  const text = query.value.get('text') ?? '';
  const first = slugs[0];
  useEffect(() => {
    if (project === null && first !== undefined) go(withQuery({ project: first }), { replace: true });
  }, [project, first]);
  return (
    <>
      <Title text="Tests" />
      {projects.data === null ? <Loading trouble={projects.trouble} /> : <TroubleNotice trouble={projects.trouble} />}
      {projects.data !== null && first === undefined ? (
        <Empty
          text="No test has run yet. A job with `results:` brings them:"
          command="npx groundcrew job submit job.yaml"
        />
      ) : (
        <>
          <div class="filters">
            <Choice name="project" label="project" words={slugs} none="choose one" />
            <TextFilter name="text" label="a part of the name or suite" />
          </div>
          {project === null ? null : <Found project={project} text={text} />}
        </>
      )}
    </>
  );
}

function Found(properties: { project: string; text: string }): JSX.Element {
  const { project, text } = properties;
  const { data, trouble } = useData(
    text === '' ? null : `tests ${project} ${text}`,
    () => api.call('findTests', { query: { project, text, limit: FOUND_AT_MOST } }),
    { channels: [] },
  );
  if (text === '') {
    return <p class="empty">Write a part of a test's name, or of its suite, to find it in {project}.</p>;
  }
  if (data === null) return <Loading trouble={trouble} />;
  if (data.items.length === 0) {
    return (
      <p class="empty">
        No test of {project} has “{text}” in its name or suite.
      </p>
    );
  }
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Suite</th>
          <th scope="col">Test</th>
        </tr>
      </thead>
      <tbody>
        {data.items.map((test) => (
          <tr key={`${test.suite}\n${test.name}`} data-row>
            <td class="break">{test.suite}</td>
            <td class="break">
              <a href={link('/tests', { project, suite: test.suite, name: test.name })}>{test.name}</a>
            </td>
          </tr>
        ))}
        {data.items.length === FOUND_AT_MOST ? (
          <tr>
            <td colSpan={2} class="quiet">
              These are the first {FOUND_AT_MOST}. Write more of the name to see others.
            </td>
          </tr>
        ) : null}
      </tbody>
    </table>
  );
}
