import { GroundcrewError } from '../../base/errors/error.ts';
import { parseRunId, type RunId } from '../../base/ids.ts';
import { cancelRun } from '../../flow/finish/cancel.ts';
import { listHolds, listNodeEvents, readNode } from '../../nodes/store/list.ts';
import { Done, IdParameter, pageOf } from '../../protocol/api/common.ts';
import { CancelBody, RunDetail, RunQuery, RunTestsQuery, RunView, TestRow } from '../../protocol/api/runs.ts';
import { TEST_STATUSES } from '../../results/state.ts';
import { listFailures, listTests } from '../../results/store/list.ts';
import { RUN_STATES, RUN_VERDICTS } from '../../runs/state.ts';
import { runDetail } from '../../runs/store/detail.ts';
import { findRun, listRuns } from '../../runs/store/list.ts';
import { callerOf } from '../app/auth.ts';
import type { Api, ApiContext } from '../app/context.ts';
import { decodeCursor, encodeCursor, pageFrom, wordsOf } from '../app/paging.ts';
import { time, unheardSince } from '../app/views.ts';
import { shellCommand } from './nodes.ts';
import { orNoProject } from './projects.ts';
import { runView, runViews, stepView, timelineOf } from './run-views.ts';

const FAILURES_SHOWN = 200;
/** In these its agent has work for it. */
const LIVE_STATES: readonly string[] = ['assigned', 'running', 'finishing'];
const tags = ['runs'];

/** GC1002 when the text names no run. */
export function runIdOf(text: string): RunId {
  const id = parseRunId(text);
  if (id === null) throw new GroundcrewError('GC1002', { kind: 'run', id: text });
  return id;
}

/** Reads of runs and their tests. */
export function runRoutes(app: Api, context: ApiContext): void {
  const { services } = context;
  const { db } = services.connection;

  app.get(
    '/api/v1/runs',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'listRuns',
        summary: 'Runs, newest first',
        tags,
        querystring: RunQuery,
        response: { 200: pageOf(RunView) },
      },
    },
    async (request) => {
      const { project, build, node, cursor, limit = 50 } = request.query;
      const states = wordsOf(request.query.state, RUN_STATES) ?? undefined;
      const verdicts = wordsOf(request.query.verdict, RUN_VERDICTS) ?? undefined;
      const before = decodeCursor('runs', cursor, ['number'])?.[0] ?? null;
      const filter = { project, build, node_id: node, states, verdicts };
      const rows = await orNoProject(db, project, await listRuns(db, filter, { before, limit: limit + 1 }));
      const page = pageFrom(
        'runs',
        rows,
        limit,
        (row) => row,
        (row) => [row.id],
      );
      return { items: await runViews(services, page.items), next_cursor: page.next_cursor };
    },
  );

  app.get(
    '/api/v1/runs/:id',
    {
      config: { role: 'viewer' },
      schema: { operationId: 'getRun', summary: 'One run', tags, params: IdParameter, response: { 200: RunDetail } },
    },
    async (request) => await detailView(context, runIdOf(request.params.id)),
  );

  app.get(
    '/api/v1/runs/:id/tests',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'listRunTests',
        summary: 'Tests of a run, by suite and name',
        tags,
        params: IdParameter,
        querystring: RunTestsQuery,
        response: { 200: pageOf(TestRow) },
      },
    },
    async (request) => {
      const { text, cursor, limit = 50 } = request.query;
      const id = runIdOf(request.params.id);
      const statuses = wordsOf(request.query.status, TEST_STATUSES);
      const from = decodeCursor('tests', cursor, ['number', 'number']);
      // Positions are those of one run's list.
      if (from !== null && from[0] !== id) throw new GroundcrewError('GC1708', { cursor: cursor ?? '' });
      if ((await findRun(db, id)) === null) throw new GroundcrewError('GC1002', { kind: 'run', id });
      const at = from === null ? null : String(from[1]);
      const page = await listTests(db, id, { statuses, text: text ?? null, cursor: at, limit });
      const next = page.next_cursor;
      return { items: page.items, next_cursor: next === null ? null : encodeCursor('tests', [id, Number(next)]) };
    },
  );
}

async function detailView(context: ApiContext, id: RunId): Promise<RunDetail> {
  const { services } = context;
  const { db } = services.connection;
  const detail = await runDetail(db, id);
  if (detail === null) throw new GroundcrewError('GC1002', { kind: 'run', id });
  const [views, failures] = await Promise.all([
    runViews(services, [detail.run]),
    listFailures(db, id, { limit: FAILURES_SHOWN }),
  ]);
  const { node_id } = detail.run;
  const node = node_id === null ? null : await readNode(db, node_id);
  const hold = detail.run.held && node_id !== null ? (await listHolds(db, node_id))[0] : undefined;
  return {
    run: views[0] ?? runView(detail.run, null),
    steps: detail.steps.map((step) => stepView(step, detail.run)),
    timeline: timelineOf(detail, node_id === null ? [] : await listNodeEvents(db, node_id)),
    failures,
    artifacts: detail.artifacts.map(({ id, kind, path, size, sha256 }) => ({
      id,
      kind,
      path,
      size,
      sha256: sha256.toString('hex'),
    })),
    log: {
      bytes: detail.log?.bytes ?? 0,
      live: detail.log?.live ?? detail.run.state !== 'finished',
      lines: detail.log?.lines ?? null,
      first_error_offset: detail.log?.first_error_offset ?? null,
      first_error_line: detail.log?.first_error_line ?? null,
    },
    results_problem: detail.facts.results_problem,
    unheard_since: node === null || !LIVE_STATES.includes(detail.run.state) ? null : unheardSince(services.clock, node),
    other_attempts: detail.other_attempts,
    hold:
      hold === undefined
        ? null
        : {
            node_id: hold.node_id,
            owner: hold.owner,
            expires_at: time(hold.expires_at),
            shell_command: shellCommand(hold.node_id),
          },
  };
}

/** What people do to runs. */
export function runActionRoutes(app: Api, context: ApiContext): void {
  app.post(
    '/api/v1/runs/:id/cancel',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'cancelRun',
        summary: 'Cancel a run: at once when it waits, by ending its payload when it runs',
        tags,
        params: IdParameter,
        body: CancelBody,
        response: { 200: Done },
      },
    },
    async (request) => {
      const actor = callerOf(request).name;
      await cancelRun(
        context.services,
        runIdOf(request.params.id),
        actor,
        request.body.reason ?? `cancelled by ${actor}`,
      );
      return { done: true as const };
    },
  );
}
