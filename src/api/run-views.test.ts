import { expect, test } from 'vitest';
import { dateFrom } from '../base/clock.ts';
import type { NodeEventRow } from '../nodes/queries.ts';
import type { RunDetailRow } from '../runs/store/detail.ts';
import { timelineOf } from './run-views.ts';

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
