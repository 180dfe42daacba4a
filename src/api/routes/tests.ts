import { Type } from 'typebox';
import { testHistory } from '../../analysis/history.ts';
import { findTests } from '../../analysis/search.ts';
import { HistoryQuery, HistoryView, TestNameView, TestSearchQuery } from '../../protocol/api/builds.ts';
import type { Api, ApiContext } from '../app/context.ts';
import { projectNamed } from './projects.ts';

const tags = ['tests'];

/** One test over time, and finding it. */
export function testRoutes(app: Api, context: ApiContext): void {
  const { db } = context.services.connection;

  app.get(
    '/api/v1/tests',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'findTests',
        summary: 'Tests of a project by a part of their suite or name',
        tags,
        querystring: TestSearchQuery,
        response: { 200: Type.Object({ items: Type.Array(TestNameView) }) },
      },
    },
    async (request) => {
      const { project, text, limit = 50 } = request.query;
      return { items: await findTests(db, { project_id: await projectNamed(db, project), text, limit }) };
    },
  );

  app.get(
    '/api/v1/tests/history',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'testHistory',
        summary: 'One test over builds and environments, newest first',
        tags,
        querystring: HistoryQuery,
        response: { 200: HistoryView },
      },
    },
    async (request) => {
      const { project, suite, name, limit = 100 } = request.query;
      return await testHistory(db, { project_id: await projectNamed(db, project), suite, name, limit });
    },
  );
}
