import type { Config } from '../config/schema.ts';
import { deleteNode } from '../flow/finish/hold.ts';
import type { Services } from '../flow/services.ts';
import { countPools, listNodes } from '../nodes/store/list.ts';
import { withTransactionLock } from '../store/advisory.ts';

const WITHIN_MS = 15_000;
const LOOK_MS = 50;

/** The same configuration with nothing kept warm: what is deleted then is not made again. */
export function withoutWarmNodes(config: Config): Config {
  const labels = Object.fromEntries(
    Object.entries(config.labels).map(([name, label]) => [name, { ...label, ready: 0 }]),
  );
  return { ...config, labels };
}

/** Nodes that have a machine, or may have one: they go on when the server ends. */
export async function countLiveNodes(services: Services): Promise<number> {
  const pools = await countPools(services.connection.db);
  return pools.reduce((sum, { count }) => sum + count, 0);
}

/** Deletes every node and waits until their machines are gone. Answers how many are left when the time is over. */
export async function deleteEveryNode(services: Services, reason: string): Promise<number> {
  const { clock } = services;
  const until_ms = clock.monotonic_ms() + WITHIN_MS;
  // A planning turn that is under way may go by the configuration of before: when it has ended, its nodes are rows.
  await services.connection.db.transaction().execute((tx) => withTransactionLock(tx, 'planner'));
  for (;;) {
    const nodes = await listNodes(services.connection.db, {
      states: null,
      label: null,
      provider: null,
      after: null,
      limit: 500,
    });
    if (nodes.length === 0 || clock.monotonic_ms() > until_ms) return nodes.length;
    for (const node of nodes) {
      if (node.state !== 'deleting')
        await deleteNode(services, node.id, { actor: 'server', reason }).catch(() => undefined);
    }
    await clock.sleep(LOOK_MS);
  }
}
