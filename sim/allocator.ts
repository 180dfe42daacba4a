import type { NodeId, RequestId } from '../src/base/ids.ts';
import type { Config } from '../src/config/schema.ts';
import { possiblePools } from '../src/flow/allocate/possible-pools.ts';
import type { PlannerRows } from '../src/flow/fleet/rows.ts';
import { whyRefused } from '../src/requests/impossible.ts';
import { planAllocation } from '../src/requests/plan.ts';
import type { RequestRow, Tables } from './rows/tables.ts';

/** Everybody who was given a node that is not on its way out yet. */
export type Holders = Map<NodeId, RequestId[]>;

/** One batch, planned as the server's allocator plans it; what it writes is one commit. */
export async function allocate(tables: Tables, rows: PlannerRows, config: Config, holders: Holders): Promise<void> {
  if (![...tables.requests.values()].some(({ state }) => state === 'waiting')) return;
  const { waiting } = await rows.moment();
  const assigned = planAllocation(waiting, await rows.readyNodes(100));
  for (const { request, nodes } of assigned) {
    tables.endRequest(tables.requests.get(request.id) as RequestRow, 'fulfilled', null);
    const moves = nodes.map(({ id, version }) => ({ node_id: id, version, reason: `r-${request.id}` }));
    for (const { id } of await rows.assignNodes(moves)) holders.set(id, [...(holders.get(id) ?? []), request.id]);
  }
  const served = new Set(assigned.map(({ request }) => request.id));
  for (const request of waiting) {
    if (served.has(request.id)) continue;
    const reason = whyRefused(request, possiblePools(config));
    if (reason !== null) tables.endRequest(tables.requests.get(request.id) as RequestRow, 'refused', reason);
  }
}
