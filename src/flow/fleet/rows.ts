import type { FleetRows } from '../../nodes/rows.ts';
import type { HoldSnapshot, NodeSnapshot } from '../../nodes/snapshot.ts';
import { sqlFleetRows } from '../../nodes/sql-rows.ts';
import { insertPlanned, type PlannedNode, readClocks, readHolds, readLiveNodes } from '../../nodes/store/planning.ts';
import {
  type PoolStatus,
  type ProviderStatus,
  readPoolStatuses,
  readProviderStatuses,
} from '../../nodes/store/status.ts';
import { FLEET_WAKE } from '../../nodes/wake.ts';
import { type WaitingRequest, waitingRequests } from '../../requests/store/life.ts';
import { withTransactionLock } from '../../store/advisory.ts';
import { notify } from '../../store/notify.ts';
import type { Db, Tx } from '../../store/schema/database.ts';

/** More waiting requests than this are planned for as the first are served. */
const DEMAND_MOST = 10_000;

/** All rows that a plan is made of. */
export interface FleetMoment {
  clocks: { now_ms: number; alive_ms: number; observing: boolean | null };
  pools: PoolStatus[];
  providers: ProviderStatus[];
  nodes: NodeSnapshot[];
  holds: HoldSnapshot[];
  /** In the order in which they are served. */
  waiting: WaitingRequest[];
}

/** What one planner at a time may do. */
export interface Planning {
  /** Committed with the end of the turn. */
  insertPlanned(nodes: readonly PlannedNode[]): Promise<void>;
  /** The providers' owners look for what is due, after that commit. */
  wakeOwners(): Promise<void>;
}

/** The port of the planner: the fleet's rows, and what it reads of the requests beside them. */
export interface PlannerRows extends FleetRows {
  /**
   * Everything as of one moment: statements that each saw another moment would find a failed launch without its backoff,
   * or a held node without its hold.
   */
  moment(): Promise<FleetMoment>;
  /** One at a time, in whichever process. What the work throws leaves nothing inserted. */
  planAlone<T>(work: (planning: Planning) => Promise<T>): Promise<T>;
}

/** The rows in PostgreSQL. */
export function sqlPlannerRows(db: Db): PlannerRows {
  return {
    ...sqlFleetRows(db),
    moment: () => db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(readMoment),
    planAlone: (work) =>
      db.transaction().execute(async (tx) => {
        await withTransactionLock(tx, 'planner');
        return await work({
          insertPlanned: (nodes) => insertPlanned(tx, nodes),
          wakeOwners: () => notify(tx, 'fleet', FLEET_WAKE.due),
        });
      }),
  };
}

async function readMoment(tx: Tx): Promise<FleetMoment> {
  return {
    clocks: await readClocks(tx),
    pools: await readPoolStatuses(tx),
    providers: await readProviderStatuses(tx),
    nodes: await readLiveNodes(tx),
    holds: await readHolds(tx),
    waiting: await waitingRequests(tx, DEMAND_MOST),
  };
}
