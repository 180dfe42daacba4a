import type { BuildId, ProjectId } from '../base/ids.ts';
import { durationAt } from '../formats/packed/durations.ts';
import { fingerprintOf, unpackFingerprints, withOccurrence } from '../formats/packed/fingerprint.ts';
import { askedKey, rangeKey } from '../formats/packed/key.ts';
import { statusAt } from '../formats/packed/statuses.ts';
import type { HistoryBuild, HistoryCell, HistoryTrend, TestHistory, TestStatus } from '../protocol/results.ts';
import { STATUS_OF_BYTE } from '../results/state.ts';
import type { Db } from '../store/schema/database.ts';
import { referenceOf } from './store/builds.ts';
import { type HistoryRow, historyRows, newestBuilds, placesOfTest, type TestPlace } from './store/history.ts';

export interface HistoryOptions {
  project_id: ProjectId;
  suite: string;
  name: string;
  /** Newest builds to look at. */
  limit: number;
}

/** What counts when a test ran in several jobs of an environment, or several times in one. */
const WORST_FIRST: readonly TestStatus[] = ['fail', 'flaky', 'error', 'xfail', 'pass', 'skip'];

/** One test over the newest builds of its project; a test that nobody ever ran has no builds. */
export async function testHistory(db: Db, options: HistoryOptions): Promise<TestHistory> {
  const { project_id, suite, name, limit } = options;
  const key = askedKey(suite, name);
  const { low, high } = fingerprintOf(key, 0);
  const fingerprint = Buffer.from(Uint32Array.of(low, high).buffer);
  const [places, builds] = await Promise.all([
    placesOfTest(db, project_id, rangeKey(key), fingerprint),
    newestBuilds(db, project_id, limit),
  ]);
  const rows =
    places.length === 0
      ? []
      : await historyRows(
          db,
          builds.map((build) => build.id),
          places,
        );
  const cells = cellsByBuild(rows, places);
  const listed = builds.filter((build) => places.length > 0 && (cells.has(build.id) || build.finished_at !== null));
  const found = listed.map((build) => ({ build: referenceOf(build), cells: cells.get(build.id) ?? [] }));
  const environments = [...new Set(rows.map((row) => row.environment))].sort();
  const trends = environments.map((environment) => trendOf(environment, found));
  return { suite, name, environments, builds: found, trends };
}

function cellsByBuild(rows: readonly HistoryRow[], places: readonly TestPlace[]): Map<BuildId, HistoryCell[]> {
  const placeOf = new Map(places.map((place) => [place.chunk_id, { ...place, occurrences: occurrencesIn(place) }]));
  // Of one job the newest run counts: it comes last.
  const newest = new Map(rows.map((row) => [`${row.build_id} ${row.environment}\n${row.job}`, row]));
  const cells = new Map<BuildId, HistoryCell[]>();
  for (const row of newest.values()) {
    const { index, occurrences } = placeOf.get(row.chunk_id) as TestPlace & { occurrences: number };
    for (let occurrence = 0; occurrence < occurrences; occurrence++) {
      const status = STATUS_OF_BYTE[statusAt(row.statuses, index + occurrence)] ?? 'error';
      addCell(cells, row, { position: row.start + index + occurrence, status });
    }
  }
  for (const row of cells.values()) row.sort((left, right) => (left.environment < right.environment ? -1 : 1));
  return cells;
}

/** How often the test stands in the chunk, counted up to eight. */
function occurrencesIn(place: TestPlace): number {
  const halves = unpackFingerprints(place.following);
  const [low, high] = halves as unknown as [number, number];
  let count = 1;
  while (
    2 * count + 1 < halves.length &&
    halves[2 * count] === withOccurrence(low, count) &&
    halves[2 * count + 1] === high
  ) {
    count++;
  }
  return count;
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
