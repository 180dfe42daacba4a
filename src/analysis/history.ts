import type { BuildId, ProjectId } from '../base/ids.ts';
import { durationAt } from '../packed/durations.ts';
import { statusAt } from '../packed/statuses.ts';
import type { HistoryBuild, HistoryCell, HistoryTrend, TestHistory, TestStatus } from '../protocol/results.ts';
import { STATUS_OF_BYTE } from '../results/state.ts';
import type { Db } from '../store/schema/database.ts';
import { crowdedEnvironments, placeName, valuesOf } from './group.ts';
import { placesOfTest, type TestPlace } from './places.ts';
import { newestBuilds, referenceOf } from './store/builds.ts';
import { type HistoryRow, historyRows } from './store/history.ts';

export interface HistoryOptions {
  project_id: ProjectId;
  suite: string;
  name: string;
  /** Newest builds to look at. */
  limit: number;
}

/** What counts when jobs of several environments are called the same. */
const WORST_FIRST: readonly TestStatus[] = ['fail', 'flaky', 'error', 'xfail', 'pass', 'skip'];

/**
 * One test over the newest builds of its project; a test that nobody ever ran has no builds. Of several tests of one name
 * in a run it is the first.
 */
export async function testHistory(db: Db, options: HistoryOptions): Promise<TestHistory> {
  const { project_id, suite, name, limit } = options;
  const [places, builds] = await Promise.all([
    placesOfTest(db, project_id, { suite, name }),
    newestBuilds(db, project_id, limit),
  ]);
  const rows =
    places.length === 0
      ? []
      : await historyRows(
          db,
          builds.map((build) => build.build_id),
          places,
        );
  const named = withPlaceNames(rows);
  const cells = cellsByBuild(named, places);
  const listed = builds.filter(
    (build) => places.length > 0 && (cells.has(build.build_id) || build.finished_at !== null),
  );
  const found = listed.map((build) => ({ build: referenceOf(build), cells: cells.get(build.build_id) ?? [] }));
  const environments = valuesOf(named, 'environment').sort();
  const trends = environments.map((environment) => trendOf(environment, found));
  return { suite, name, environments, builds: found, trends };
}

/** The rows, with the job beside the environment where several jobs of one build have the test. */
function withPlaceNames(rows: readonly HistoryRow[]): HistoryRow[] {
  const builds = [...Map.groupBy(rows, (row) => row.build_id).values()];
  const crowded = new Set(builds.flatMap((own) => [...crowdedEnvironments(own)]));
  const isOnly = valuesOf(rows, 'environment').length === 1;
  return rows.map((row) => ({ ...row, environment: placeName(row, crowded, isOnly) }));
}

function cellsByBuild(rows: readonly HistoryRow[], places: readonly TestPlace[]): Map<BuildId, HistoryCell[]> {
  const placeOf = new Map(places.map((place) => [place.chunk_id, place]));
  // Of one job the newest run counts: it comes last.
  const newest = new Map(rows.map((row) => [`${row.build_id} ${row.environment}\n${row.job}`, row]));
  const cells = new Map<BuildId, HistoryCell[]>();
  for (const row of newest.values()) {
    const { index } = placeOf.get(row.chunk_id) as TestPlace;
    addCell(cells, row, {
      position: row.start + index,
      status: STATUS_OF_BYTE[statusAt(row.statuses, index)] ?? 'error',
    });
  }
  for (const row of cells.values()) row.sort((left, right) => (left.environment < right.environment ? -1 : 1));
  return cells;
}

function addCell(
  cells: Map<BuildId, HistoryCell[]>,
  row: HistoryRow,
  { position, status }: { position: number; status: TestStatus },
): void {
  const { build_id, environment, run_id } = row;
  const cell: HistoryCell = { environment, run_id, position, status, duration_ms: durationAt(row.duration, 0) };
  const own = cells.get(build_id) ?? [];
  cells.set(build_id, own);
  const known = own.findIndex((other) => other.environment === environment);
  if (known === -1) own.push(cell);
  else if (WORST_FIRST.indexOf(status) < WORST_FIRST.indexOf((own[known] as HistoryCell).status)) own[known] = cell;
}

/** What the newest builds say about one environment; they come newest first. */
export function trendOf(environment: string, builds: readonly HistoryBuild[]): HistoryTrend {
  const trend: HistoryTrend = { environment, first_failed_in: null, last_passed_in: null, flaky: 0, sample: 0 };
  let failing = true;
  for (const { build, cells } of builds) {
    const status = cells.find((cell) => cell.environment === environment)?.status;
    if (status === undefined) continue;
    trend.sample++;
    if (status === 'flaky') trend.flaky++;
    if (status === 'pass') trend.last_passed_in ??= build.version;
    if (failing && status === 'fail') trend.first_failed_in = build.version;
    // A skip or an infrastructure error says nothing about whether it still fails.
    else if (status !== 'skip' && status !== 'error') failing = false;
  }
  return trend;
}
