import { SessionHub } from './agents/hub.ts';
import { ReadyNodes } from './agents/ready.ts';
import { sqlPlannerRows } from './fleet/rows.ts';
import { ALLOCATE_WAKE, wakerOf } from './fleet/wake.ts';
import { LogGrowth } from './logs/growth.ts';
import type { Ground, Services } from './services.ts';

/** The flow's services on this ground: what its functions share within one process. Nothing is started by it. */
export function openServices<Given extends Ground>(ground: Given): Given & Services {
  const { connection, listener } = ground;
  return {
    ...ground,
    agent_sessions: new SessionHub(listener),
    ready_nodes: new ReadyNodes(connection.db, wakerOf(ground, 'allocate', ALLOCATE_WAKE.ready)),
    fleet_rows: sqlPlannerRows(connection.db),
    log_growth: new LogGrowth(),
  };
}
