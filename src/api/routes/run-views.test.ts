import { expect, test } from 'vitest';
import { dateFrom } from '../../base/clock.ts';
import type { NodeEventRow } from '../../nodes/store/list.ts';
import type { RunDetailRow } from '../../runs/store/detail.ts';
import type { RunStepsTable } from '../../store/schema/runs.ts';
import { stepView, timelineOf } from './run-views.ts';

const START_MS = 1_000_000_000_000;
const at = (seconds: number): Date => dateFrom(START_MS + seconds * 1000);

function run(queued_s: number, assigned_s: number): RunDetailRow {
  const times = { queued_at: at(queued_s), assigned_at: at(assigned_s), started_at: at(assigned_s), ended_at: null };
  return { run: { ...times, finished_at: null }, facts: { outcome: null } } as unknown as RunDetailRow;
}

const events = (...list: [state: string, seconds: number][]): NodeEventRow[] =>
  list.map(([state, seconds]) => ({ state, at: at(seconds), reason: 'a test', actor: 'fleet' }));

function parts(detail: RunDetailRow, story: NodeEventRow[]): [string, number][] {
  return timelineOf(detail, story)
    .filter(({ part }) => part !== 'accepted')
    .map(({ part, duration_ms }) => [part, duration_ms / 1000]);
}

const story = events(
  ...([
    ['planned', 10],
    ['launching', 11],
    ['booting', 20],
    ['checking', 50],
    ['ready', 55],
    ['assigned', 56],
    ['deleting', 90],
  ] as [string, number][]),
);

test('a node that was made for the run splits its wait', () => {
  expect(parts(run(7, 56), story)).toEqual([
    ['queued', 3],
    ['node', 10],
    ['boot', 30],
    ['pre-flight', 5],
    ['assigned', 1],
  ]);
});

test('of a node that was on its way already, only what the run waited for is shown', () => {
  expect(parts(run(40, 55), story)).toEqual([
    ['boot', 10],
    ['pre-flight', 5],
  ]);
});

test('a ready node was only waited for, and so is one whose story is gone', () => {
  expect(parts(run(60, 62), story)).toEqual([['queued', 2]]);
  expect(parts(run(60, 62), [])).toEqual([['queued', 2]]);
  expect(parts(run(60, 60), story)).toEqual([['queued', 0]]);
});

const LOST = { verdict: 'infra', queued_at: at(0), assigned_at: at(0), started_at: at(0), ended_at: at(20) };
const lostRun = (steps: object[], change: object = {}): RunDetailRow =>
  ({ run: { ...LOST, finished_at: at(100), ...change }, facts: { outcome: null }, steps }) as unknown as RunDetailRow;
const step = (change: object): RunStepsTable =>
  ({
    state: 'running',
    exit_code: null,
    signal: null,
    started_at: at(5),
    finished_at: null,
    ...change,
  }) as RunStepsTable;

test('of a run that nobody ended, the time until it was given up is a part of its own', () => {
  const lost: [string, number][] = [
    ['queued', 0],
    ['checkout', 5],
    ['steps', 15],
    ['not heard of', 80],
  ];
  expect(parts(lostRun([step({})]), [])).toEqual(lost);
  expect(parts(lostRun([step({ started_at: at(-9) })]), []).slice(1, 3)).toEqual([
    ['checkout', 0],
    ['steps', 20],
  ]);
  expect(parts(lostRun([]), []).slice(1)).toEqual([
    ['checkout', 20],
    ['steps', 0],
    ['not heard of', 80],
  ]);
  // One of before: its end is the time at which it was given up.
  const old = parts(lostRun([step({})], { ended_at: at(100) }), []);
  expect(old.at(-1)).toEqual(['steps', 95]);
});

test('a step that nobody ended is over with its run, whatever its row says', () => {
  const { run } = lostRun([]);
  const lost = { state: 'cancelled', finished_at: at(20).toISOString(), reason: 'lost' };
  expect(stepView(step({}), run)).toMatchObject(lost);
  expect(stepView(step({ state: 'cancelled', finished_at: at(20) }), run)).toMatchObject(lost);
  expect(stepView(step({ started_at: at(30) }), run).finished_at).toBe(at(30).toISOString());
  expect(stepView(step({}), { ...run, verdict: 'timeout' })).toMatchObject({ ...lost, state: 'timeout' });
});

test('a step that its agent ended, or that runs, is as its row says', () => {
  const { run } = lostRun([]);
  const ended = step({ state: 'cancelled', signal: 'SIGTERM', finished_at: at(19) });
  expect(stepView(ended, run)).toMatchObject({ state: 'cancelled', reason: null });
  const live = { ...run, ended_at: null, finished_at: null, verdict: null };
  expect(stepView(step({}), live)).toMatchObject({ state: 'running', finished_at: null, reason: null });
});
