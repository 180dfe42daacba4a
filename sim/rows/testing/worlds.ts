import type { NodeId, RequestId } from '../../../src/base/ids.ts';
import { type PlannerRows, sqlPlannerRows } from '../../../src/flow/fleet/rows.ts';
import { insertHold } from '../../../src/nodes/store/holds.ts';
import { listNodeEvents } from '../../../src/nodes/store/list.ts';
import { insertRequest } from '../../../src/requests/store/life.ts';
import { type TestDatabase, testDatabase } from '../../../src/store/testing/database.ts';
import { driveTime } from '../../../src/store/testing/driven-time.ts';
import { PlannerLock } from '../lock.ts';
import { memoryRows } from '../memory.ts';
import { Tables } from '../tables.ts';

/** The rows, and what a test needs beside the port. */
export interface World {
  rows: PlannerRows;
  /** With a server that lives meanwhile, unless it is an outage. */
  pass(duration_ms: number, options?: { outage: boolean }): Promise<void>;
  events(id: NodeId): Promise<{ state: string; reason: string; actor: string }[]>;
  hold(id: NodeId, duration_ms: number): Promise<void>;
  ask(expressions: string[]): Promise<RequestId>;
  close(): Promise<void>;
}

export async function sqlWorld(): Promise<World> {
  const database: TestDatabase = await testDatabase();
  const { db } = database;
  const time = await driveTime(db, { stopped: true });
  return {
    rows: sqlPlannerRows(db),
    pass: (duration_ms, options) => time.advance(duration_ms, options),
    events: async (id) => (await listNodeEvents(db, id)).map(({ state, reason, actor }) => ({ state, reason, actor })),
    async hold(node_id, duration_ms) {
      const hold = { node_id, run_id: null, owner: 'maria', reason: 'looks', duration_ms, rule: null };
      await db.transaction().execute((tx) => insertHold(tx, hold));
    },
    ask: (expressions) => insertRequest(db, { expressions, requester: 'test' }),
    close: () => database.close(),
  };
}

export async function memoryWorld(): Promise<World> {
  let now_ms = 1_000_000;
  const tables = new Tables(() => now_ms);
  return {
    rows: memoryRows(tables, new PlannerLock()),
    async pass(duration_ms, { outage } = { outage: false }) {
      now_ms += duration_ms;
      if (!outage) tables.alive_ms += duration_ms;
    },
    events: async (id) => tables.events.flatMap(({ node_id, ...event }) => (node_id === id ? [event] : [])),
    async hold(node_id, duration_ms) {
      tables.addHold(node_id, { owner: 'maria', reason: 'looks', lasts_ms: duration_ms });
    },
    ask: async (expressions) => tables.addRequest(expressions),
    close: async () => undefined,
  };
}
