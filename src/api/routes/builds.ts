import { Type } from 'typebox';
import { compareBuilds } from '../../analysis/compare.ts';
import { buildsInShort } from '../../analysis/in-short.ts';
import { baselinesOf } from '../../analysis/store/baseline.ts';
import { buildSummary } from '../../analysis/summary.ts';
import { GroundcrewError } from '../../base/errors/error.ts';
import type { BuildId, ProjectId } from '../../base/ids.ts';
import { type BuildRow, findBuild, listBuilds, listProjects, whatBuildWaitsFor } from '../../builds/store/list.ts';
import {
  BuildQuery,
  BuildRowView,
  BuildView,
  CompareQuery,
  ComparisonView,
  ProjectView,
} from '../../protocol/api/builds.ts';
import { NumberParameter, PageQuery, pageOf } from '../../protocol/api/common.ts';
import type { BuildInShort } from '../../protocol/results.ts';
import type { Api, ApiContext } from '../app/context.ts';
import { decodeCursor, pageFrom } from '../app/paging.ts';
import { time, timeOrNull } from '../app/views.ts';
import { orNoProject, projectNamed } from './projects.ts';

const tags = ['builds'];

function buildRowView(row: BuildRow, short: BuildInShort): BuildRowView {
  return {
    project: row.project,
    build_id: row.id,
    version: row.version,
    created_at: time(row.created_at),
    finished_at: timeOrNull(row.finished_at),
    ...short,
  };
}

/** What is tested, and what came out. */
export function buildRoutes(app: Api, context: ApiContext): void {
  const { db } = context.services.connection;

  app.get(
    '/api/v1/projects',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'listProjects',
        summary: 'Projects by name',
        tags,
        querystring: Type.Object(PageQuery),
        response: { 200: pageOf(ProjectView) },
      },
    },
    async (request) => {
      const { cursor, limit = 50 } = request.query;
      const after = decodeCursor('projects', cursor, ['string'])?.[0] ?? null;
      const rows = await listProjects(db, { after, limit: limit + 1 });
      return pageFrom(
        'projects',
        rows,
        limit,
        ({ slug, builds, last_build, last_build_at }) => ({
          slug,
          builds,
          last_build,
          last_build_at: timeOrNull(last_build_at),
        }),
        (row) => [row.slug],
      );
    },
  );

  app.get(
    '/api/v1/builds',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'listBuilds',
        summary: 'Builds, newest first',
        tags,
        querystring: BuildQuery,
        response: { 200: pageOf(BuildRowView) },
      },
    },
    async (request) => {
      const { project, version, cursor, limit = 50 } = request.query;
      const before = decodeCursor('builds', cursor, ['number'])?.[0] ?? null;
      const found = await listBuilds(db, { project, version }, { before, limit: limit + 1 });
      const rows = await orNoProject(db, project, found);
      const page = pageFrom(
        'builds',
        rows,
        limit,
        (row) => row,
        (row) => [row.id],
      );
      const builds = page.items.map(({ id, project_id }) => ({ build_id: id, project_id }));
      const short = await buildsInShort(db, builds);
      const items = page.items.map((row) => buildRowView(row, short.get(row.id) as BuildInShort));
      return { items, next_cursor: page.next_cursor };
    },
  );

  app.get(
    '/api/v1/builds/:id',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'getBuild',
        summary: 'One build: its environments, counts, and what it still waits for',
        tags,
        params: NumberParameter,
        response: { 200: BuildView },
      },
    },
    async (request) => {
      const id = request.params.id as BuildId;
      const row = await findBuild(db, id);
      if (row === null) throw new GroundcrewError('GC1002', { kind: 'build', id });
      const [summary, waits_for] = await Promise.all([buildSummary(db, id), whatBuildWaitsFor(db, id)]);
      return { ...summary, project: row.project, waits_for };
    },
  );
}

/** Two builds side by side. */
export function compareRoutes(app: Api, context: ApiContext): void {
  const { db } = context.services.connection;
  app.get(
    '/api/v1/compare',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'compareBuilds',
        summary: 'What changed from one build to another',
        tags,
        querystring: CompareQuery,
        response: { 200: ComparisonView },
      },
    },
    async (request) => {
      const { project } = request.query;
      const project_id = await projectNamed(db, project);
      const to = await buildNamed(context, project, request.query.to);
      const from = await earlierBuild(context, project_id, project, to, request.query.from);
      return { project, ...(await compareBuilds(db, { project_id, from, to })) };
    },
  );
}

async function buildNamed(context: ApiContext, project: string, version: string): Promise<BuildId> {
  const rows = await listBuilds(context.services.connection.db, { project, version }, { before: null, limit: 1 });
  const id = rows[0]?.id;
  if (id === undefined) throw new GroundcrewError('GC1002', { kind: 'build', id: `${project}@${version}` });
  return id;
}

async function earlierBuild(
  context: ApiContext,
  project_id: ProjectId,
  project: string,
  to: BuildId,
  version: string | undefined,
): Promise<BuildId> {
  if (version !== undefined) return await buildNamed(context, project, version);
  const baselines = await baselinesOf(context.services.connection.db, [{ build_id: to, project_id }]);
  const before = baselines.get(to);
  if (before === undefined) throw new GroundcrewError('GC1016', { project });
  return before.build_id;
}
