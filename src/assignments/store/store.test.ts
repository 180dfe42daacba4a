import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AssignmentId, NodeId, RequestId, RunId } from '../../base/ids.ts';
import { type TestDatabase, testDatabase } from '../../store/testing/database.ts';
import { inAnyState } from '../../store/testing/states.ts';
import {
  acknowledgeAssignment,
  endAssignments,
  endGivenAway,
  type HandOut,
  handOut,
  renewLeases,
  takeAssignmentsAlong,
  takeBackAssignment,
} from './life.ts';
import { pruneAssignments } from './prune.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await inAnyState(database.db, (tx) =>
    sql`insert into nodes (id, provider, node_type, labels, state, plan_reason, options)
    select 'n-0000000' || number, 'a', 'small', '{}', 'assigned', 'a test', '{}' from generate_series(1, 4) number
    `.execute(tx),
  );
});
beforeEach(async () => {
  await sql`delete from assignments`.execute(database.db);
});
afterAll(() => database.close());

const node = (number: number) => `n-0000000${number}` as NodeId;
const RUN = 7 as RunId;
const toRun = (number: number, change: Partial<HandOut> = {}): HandOut => ({
  ...{ node_id: node(number), epoch: 1, kind: 'run', subject: RUN, ordinal: 0, request_id: 1 as RequestId },
  ...change,
});

async function give(...given: HandOut[]): Promise<AssignmentId[]> {
  const handed = await database.db.transaction().execute((tx) => handOut(tx, given));
  return handed.map(({ id }) => id);
}
const acknowledge = (fence: number, number = 1, epoch = 1) =>
  database.db
    .transaction()
    .execute((tx) => acknowledgeAssignment(tx, { run_id: RUN, fence, node_id: node(number), epoch }));
const takeBack = (id: AssignmentId) =>
  database.db.transaction().execute((tx) => takeBackAssignment(tx, id, 'nobody acknowledged it'));
const end = () =>
  database.db.transaction().execute((tx) => endAssignments(tx, { kind: 'run', subject: RUN }, 'its run ended'));
const rows = async () =>
  await database.db.selectFrom('assignments').select(['fence', 'state', 'epoch']).orderBy('id').execute();

describe('an assignment', () => {
  it('has the next fence of its subject at each hand-out, and the one between when it is taken back', async () => {
    const [first] = await give(toRun(1));
    expect(await takeBack(first!)).toBe(true);
    expect(await acknowledge(1)).toBe(false);
    expect(await acknowledge(2)).toBe(false);
    await give(toRun(2));
    expect(await rows()).toEqual([
      { fence: 2, state: 'taken_back', epoch: 1 },
      { fence: 3, state: 'offered', epoch: 1 },
    ]);
    expect(await acknowledge(3, 2)).toBe(true);
    await end();
    await give(toRun(3), toRun(4, { subject: 8 }));
    expect((await rows()).map(({ fence }) => fence)).toEqual([2, 3, 4, 1]);
  });

  it('is the only live one of its slot and of its subject', async () => {
    await give(toRun(1));
    await expect(give(toRun(1, { subject: 8 }))).rejects.toMatchObject({ code: '23505' });
    await expect(give(toRun(2))).rejects.toMatchObject({ code: '23505' });
    await give(toRun(2, { subject: 8 }), toRun(3, { subject: 9 }), toRun(4, { subject: 9, ordinal: 1 }));
    await end();
    await give(toRun(1));
    expect((await rows()).filter(({ state }) => state === 'offered')).toHaveLength(4);
  });

  it('is acknowledged once, by the session that it is offered to, and renewed by that alone', async () => {
    const [id] = await give(toRun(1, { epoch: 2 }));
    expect(await renewLeases(database.db, node(1), 2)).toBe(0);
    expect([await acknowledge(1, 1, 1), await acknowledge(1, 2, 2), await acknowledge(2, 1, 2)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(await acknowledge(1, 1, 2)).toBe(true);
    expect(await acknowledge(1, 1, 2)).toBe(false);
    expect(await takeBack(id!)).toBe(false);
    expect([await renewLeases(database.db, node(1), 1), await renewLeases(database.db, node(1), 2)]).toEqual([0, 1]);
    await end();
    expect(await renewLeases(database.db, node(1), 2)).toBe(0);
  });

  it('goes along into the newest session of its node, in whichever order two of them come', async () => {
    await give(toRun(1));
    await takeAssignmentsAlong(database.db, node(1), 3);
    await takeAssignmentsAlong(database.db, node(1), 2);
    await takeAssignmentsAlong(database.db, node(2), 9);
    expect(await rows()).toMatchObject([{ epoch: 3 }]);
    // Late words about one that ended are known for a day.
    await end();
    await takeAssignmentsAlong(database.db, node(1), 4);
    expect(await rows()).toMatchObject([{ epoch: 4 }]);
    await sql`update assignments set ended_at = ended_at - interval '25 h'`.execute(database.db);
    await takeAssignmentsAlong(database.db, node(1), 5);
    expect(await rows()).toMatchObject([{ epoch: 4 }]);
  });

  it('of whoever asked for the node ends with the node', async () => {
    await give(toRun(1, { kind: 'request', subject: 1 }), toRun(2, { kind: 'request', subject: 1, ordinal: 1 }));
    expect((await rows()).map(({ state }) => state)).toEqual(['active', 'active']);
    await sql`update nodes set state = 'deleting' where id = ${node(2)}`.execute(database.db);
    expect([await endGivenAway(database.db), await endGivenAway(database.db)]).toEqual([1, 0]);
    expect((await rows()).map(({ state }) => state)).toEqual(['active', 'ended']);
    await inAnyState(database.db, (tx) => sql`update nodes set state = 'assigned' where id = ${node(2)}`.execute(tx));
  });

  it('is forgotten two weeks after it was taken back; one that a run may name stays', async () => {
    const [first] = await give(toRun(1));
    await takeBack(first!);
    await give(toRun(2));
    await end();
    expect(await pruneAssignments(database.db, 10)).toBe(0);
    await sql`update assignments set ended_at = ended_at - interval '15 days'`.execute(database.db);
    expect(await pruneAssignments(database.db, 10)).toBe(1);
    expect((await rows()).map(({ state }) => state)).toEqual(['ended']);
  });
});
