import { sql } from 'kysely';
import { expect, test } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { startFleet } from '../flow/fleet/fleet.ts';
import { configOf, fleetWorld, nodeType, providerOf } from '../flow/testing/fleet-world.ts';
import { insertPlanned } from '../nodes/store/planning.ts';
import { withTransactionLock } from '../store/advisory.ts';
import { deleteEveryNode } from './retire.ts';

test('what a planning turn that is under way still plans is deleted, too', async () => {
  const world = await fleetWorld({ config: configOf({}, { a: providerOf([nodeType(['jammy'])]) }) });
  const fleet = startFleet(world.services);
  const waiters = sql<{ count: number }>`select count(*)::int as count from pg_locks
    where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`;
  try {
    const { retiring } = await world.database.db.transaction().execute(async (tx) => {
      await withTransactionLock(tx, 'planner');
      const retiring = deleteEveryNode(world.services, 'the test ends');
      // It looks meanwhile, and must not find that there is nothing.
      await world.until(
        async () => (await waiters.execute(world.database.db)).rows[0]?.count === 2,
        'both wait for the lock',
      );
      const pool = { provider: 'a', node_type: 'jammy', labels: ['jammy'], options: {}, takes: { nodes: 1 } };
      const times = { boot_timeout_ms: 60_000, check_timeout_ms: 60_000, reason: 'by the configuration of before' };
      await insertPlanned(tx, [{ id: 'n-00000001' as NodeId, ...pool, ...times }]);
      // Within an object: a promise would be awaited before the commit.
      return { retiring };
    });
    expect(await world.during(retiring)).toBe(0);
    expect((await world.nodes(['deleted'])).map(({ id }) => id)).toEqual(['n-00000001']);
  } finally {
    await world.during(fleet.stop());
    await world.close();
  }
});
