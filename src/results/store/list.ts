import { GroundcrewError } from '../../base/errors/error.ts';
import type { RunId } from '../../base/ids.ts';
import { durationAt } from '../../packed/durations.ts';
import { unpackSuites, unpackTests } from '../../packed/names.ts';
import { unpackStatuses } from '../../packed/statuses.ts';
import type { Page, StatusCounts, SuiteCounts, TestFailure, TestResult, TestStatus } from '../../protocol/results.ts';
import type { Db } from '../../store/schema/database.ts';
import type { RunFailuresTable } from '../../store/schema/results.ts';
import { unpackTraces } from '../failure-rows.ts';
import { STATUS_BYTE, STATUS_OF_BYTE, TEST_STATUSES } from '../state.ts';
import { failuresFrom, namesOfChunk, type RunChunkRow, runChunksFrom, suitesOfRun, traceBlocks } from './reading.ts';

export interface FailureOptions {
  limit: number;
  /** From this position on. Default: from the start. */
  from?: number;
  /** Traces are given until this many characters of them; later failures have null. Default 200,000. */
  trace_characters?: number;
}

/** What did not pass in a run, in the order of its list. Go on with `from` one more than the last position. */
export async function listFailures(db: Db, run_id: RunId, options: FailureOptions): Promise<TestFailure[]> {
  const { limit, from = 0, trace_characters = 200_000 } = options;
  const rows = await failuresFrom(db, run_id, { from, limit });
  const traces = await tracesOf(db, run_id, rows, trace_characters);
  return rows.map((row, index) => {
    const { trace_block: _block, trace_index: _index, status, ...rest } = row;
    return { ...rest, status: statusOfByte(status), trace: traces[index] ?? null };
  });
}

/** One of them with its trace; null when the test at this position has no row. */
export async function findFailure(db: Db, run_id: RunId, position: number): Promise<TestFailure | null> {
  const [failure] = await listFailures(db, run_id, {
    limit: 1,
    from: position,
    trace_characters: Number.POSITIVE_INFINITY,
  });
  return failure?.position === position ? failure : null;
}

async function tracesOf(
  db: Db,
  run_id: RunId,
  rows: readonly RunFailuresTable[],
  most_characters: number,
): Promise<(string | null)[]> {
  const unpacked = new Map<number, string[]>();
  const traces: (string | null)[] = [];
  let characters = 0;
  for (const { trace_block, trace_index } of rows) {
    if (trace_block === null || trace_index === null || characters >= most_characters) {
      traces.push(null);
      continue;
    }
    let block = unpacked.get(trace_block);
    if (block === undefined) {
      const packed = (await traceBlocks(db, run_id, [trace_block])).get(trace_block);
      block = packed === undefined ? [] : unpackTraces(packed);
      unpacked.set(trace_block, block);
    }
    const trace = block[trace_index] ?? null;
    characters += trace?.length ?? 0;
    traces.push(trace);
  }
  return traces;
}

export interface TestFilter {
  /** Null or empty: all. */
  statuses: readonly TestStatus[] | null;
  /** A part of suite or name, whatever case. */
  text: string | null;
  /** `next_cursor` of the page before. */
  cursor: string | null;
  limit: number;
}

/** A run's tests in the order of its list. Errors: GC1708 for a cursor of another list. */
export async function listTests(db: Db, run_id: RunId, filter: TestFilter): Promise<Page<TestResult>> {
  const from = positionOf(filter.cursor);
  const wanted = new Set((filter.statuses ?? []).map((status) => STATUS_BYTE[status]));
  const text = filter.text?.toLowerCase() ?? '';
  const items: TestResult[] = [];
  for (const chunk of await runChunksFrom(db, run_id, from)) {
    const statuses = unpackStatuses(chunk.statuses, chunk.tests);
    const isWanted = (status: number): boolean => wanted.size === 0 || wanted.has(status);
    if (!statuses.some(isWanted)) continue;
    for (const item of await testsOfChunk(db, chunk, statuses)) {
      if (item.position < from || !isWanted(STATUS_BYTE[item.status])) continue;
      if (text !== '' && !`${item.suite}\n${item.name}`.toLowerCase().includes(text)) continue;
      if (items.length === filter.limit) return { items, next_cursor: String(item.position) };
      items.push(item);
    }
  }
  return { items, next_cursor: null };
}

async function testsOfChunk(db: Db, chunk: RunChunkRow, statuses: Uint8Array): Promise<TestResult[]> {
  const tests = unpackTests(await namesOfChunk(db, chunk.chunk_id));
  return tests.map(({ suite, name, occurrence }, index) => ({
    position: chunk.start + index,
    ...{ suite, name, occurrence },
    status: statusOfByte(statuses[index] as number),
    duration_ms: durationAt(chunk.durations, index),
  }));
}

function positionOf(cursor: string | null): number {
  if (cursor === null || cursor === '') return 0;
  if (!/^\d{1,10}$/.test(cursor)) throw new GroundcrewError('GC1708', { cursor });
  return Number(cursor);
}

/** The suites of a run with their counts, in order. */
export async function listSuites(db: Db, run_id: RunId): Promise<SuiteCounts[]> {
  const found: SuiteCounts[] = [];
  for (const chunk of await suitesOfRun(db, run_id)) {
    const statuses = unpackStatuses(chunk.statuses, chunk.tests);
    let start = 0;
    for (const [suite, tests] of unpackSuites(chunk.suites)) {
      let last = found.at(-1);
      // A suite may go on from one chunk into the next.
      if (last?.suite !== suite) {
        last = { suite, tests: 0, counts: noCounts() };
        found.push(last);
      }
      last.tests += tests;
      for (const byte of statuses.subarray(start, start + tests)) last.counts[statusOfByte(byte)]++;
      start += tests;
    }
  }
  return found;
}

function noCounts(): StatusCounts {
  return Object.fromEntries(TEST_STATUSES.map((status) => [status, 0])) as StatusCounts;
}

function statusOfByte(byte: number): TestStatus {
  const status = STATUS_OF_BYTE[byte];
  if (status === undefined) throw new Error(`status byte ${byte} is not known to this version`);
  return status;
}
