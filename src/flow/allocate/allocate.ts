import { type HandOut, handOut } from '../../assignments/store/life.ts';
import { messageOf } from '../../base/errors/error.ts';
import { formatRequestId, type NodeId, type RequestId, type RunId } from '../../base/ids.ts';
import { formatDuration } from '../../base/units.ts';
import { assignNodes, type ReadyNode, readyNodes } from '../../nodes/store/assign.ts';
import { FLEET_WAKE } from '../../nodes/wake.ts';
import { REFUSE_AFTER_MS, whyRefused } from '../../requests/impossible.ts';
import { type Allocation, planAllocation } from '../../requests/plan.ts';
import {
  cancelRequest,
  expireRequests,
  fulfilRequests,
  refuseRequest,
  type WaitingRequest,
  waitingRequests,
} from '../../requests/store/life.ts';
import { assignRuns, type RunAssignment } from '../../runs/store/hand-out.ts';
import { type DatabaseConnection, openOwnConnections } from '../../store/connect.ts';
import { LockedLoop } from '../../store/locked-loop.ts';
import { notify } from '../../store/notify.ts';
import type { Db, Tx } from '../../store/schema/database.ts';
import { type FleetConfiguration, followConfiguration } from '../fleet/configuration.ts';
import { ALLOCATE_WAKE, type Waker, wakerOf } from '../fleet/wake.ts';
import type { Services } from '../services.ts';
import { possiblePools } from './possible-pools.ts';

/** Without any wake-up it looks this often. */
const POLL_MS = 1_000;
/** Requests that are looked at, in their order; more are looked at as these are served. */
const BATCH_MOST = 10_000;
/** Nodes of a pool that are looked at for a small batch. */
const FEW = 8;
/** How often a batch is planned anew at once when rows changed since they were read. */
const STALE_TRIES = 5;
/** Two looks at once, and one transaction. */
const OWN_CONNECTIONS = 2;

type Assigned = Allocation<WaitingRequest, ReadyNode>;

/** Nothing was committed: a request or node changed between the look and the commit. */
class StaleBatch extends Error {
  override readonly name = 'StaleBatch';
}

/**
 * Hands idle nodes to waiting requests. One allocator works at a time, whichever process has the lock: it takes all
 * waiting requests and the idle nodes as one batch, plans purely, and commits in one transaction. Rows are compared
 * again when they are written, so that a second allocator (a lock lost unnoticed) can only lose. `shared` is
 * left to whoever gave it.
 */
export function startAllocator(services: Services, shared?: FleetConfiguration): { stop(): Promise<void> } {
  const configuration = shared ?? followConfiguration(services);
  const allocator = new Allocator(services);
  const loop = new LockedLoop({
    ...{ clock: services.clock, client_config: services.connection.client_config },
    ...{ lock: 'allocator', period_ms: POLL_MS, rest_ms: 0 },
    mayLead: () => configuration.leads(),
    work: (woken) => allocator.turn(woken),
    failed: (error) => services.log.error({ error: messageOf(error) }, 'a batch of the allocator failed'),
  });
  const unsubscribe = services.listener.on('allocate', (payload) => {
    if (payload !== ALLOCATE_WAKE.ready || allocator.wantsNodes()) loop.wake();
    return loop.leads();
  });
  loop.start();
  return {
    async stop() {
      unsubscribe();
      await loop.stop();
      await allocator.close();
      if (shared === undefined) await configuration.leave();
    },
  };
}

class Allocator {
  readonly #services: Services;
  /** Connections of its own: work of the fleet or the API never queues before an assignment. */
  readonly #connections: Pick<DatabaseConnection, 'db' | 'close'>;
  readonly #short: Waker;
  #next_expiry_ms = 0;
  /** The youngest request that was left waiting: newer ones wake the planner. */
  #left_waiting = 0;
  /** While it looks, and when its last look left requests waiting: a node that becomes ready matters, and deadlines. */
  #wants_nodes = true;

  constructor(services: Services) {
    this.#services = services;
    this.#connections = openOwnConnections(services.connection, 'allocator', OWN_CONNECTIONS);
    this.#short = wakerOf(services, 'fleet', FLEET_WAKE.short);
  }

  wantsNodes(): boolean {
    return this.#wants_nodes;
  }

  /** One batch. */
  async turn(woken: boolean): Promise<undefined> {
    const { clock, log } = this.#services;
    if (this.#wants_nodes && clock.monotonic_ms() >= this.#next_expiry_ms) {
      this.#next_expiry_ms = clock.monotonic_ms() + POLL_MS;
      await expireRequests(this.#connections.db);
    }
    if (!woken && !this.#wants_nodes && (await waitingRequests(this.#connections.db, 1)).length === 0) return;
    this.#wants_nodes = true;
    for (let attempt = 0; attempt < STALE_TRIES; attempt++) {
      const batch = await allocateBatch(this.#services, this.#connections.db);
      if (batch === 'stale') continue;
      this.#wakePlanner(batch.left);
      this.#wants_nodes = batch.left.length > 0;
      return;
    }
    log.info({}, 'the allocator met changed rows again and again; it goes on at its next turn');
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }

  #wakePlanner(left: readonly WaitingRequest[]): void {
    const youngest = left.reduce((most, request) => Math.max(most, request.id), 0);
    if (youngest <= this.#left_waiting) return;
    this.#left_waiting = youngest;
    this.#short.wake();
  }
}

/**
 * One batch. `stale`: something changed meanwhile and nothing was committed; plan again. Exported for tests: two at once
 * never give a node away twice.
 */
export async function allocateBatch(
  services: Services,
  db: Db = services.connection.db,
): Promise<{ left: readonly WaitingRequest[] } | 'stale'> {
  // Both looks at once: most batches are small, and larger ones look for more nodes.
  const [waiting, few] = await Promise.all([waitingRequests(db, BATCH_MOST), readyNodes(db, FEW)]);
  if (waiting.length === 0) return { left: [] };
  const wanted = waiting.reduce((sum, request) => sum + request.expressions.length, 0);
  const idle = wanted <= FEW ? few : await readyNodes(db, wanted);
  const assigned = planAllocation(waiting, idle);
  if (assigned.length > 0 && !(await commitBatch(services, db, assigned))) return 'stale';
  const served = new Set<RequestId>(assigned.map(({ request }) => request.id));
  const left = await refuseImpossible(
    services,
    waiting.filter((request) => !served.has(request.id)),
  );
  return { left };
}

async function commitBatch(services: Services, db: Db, assigned: readonly Assigned[]): Promise<boolean> {
  const { log, metrics } = services;
  const withoutRun: RequestId[] = [];
  try {
    await db.transaction().execute(async (tx) => commit(tx, assigned, withoutRun));
  } catch (error) {
    if (!(error instanceof StaleBatch)) throw error;
    for (const id of withoutRun) await cancelRequest(db, id, 'its run does not wait any more');
    return false;
  }
  for (const { request } of assigned) metrics?.duration('request_wait', request.waited_ms);
  log.debug({ requests: assigned.length }, 'nodes assigned');
  return true;
}

async function commit(tx: Tx, assigned: readonly Assigned[], withoutRun: RequestId[]): Promise<void> {
  const fulfilled = assigned.map(({ request }) => request.id);
  if ((await fulfilRequests(tx, fulfilled)).length !== fulfilled.length) throw new StaleBatch('requests changed');
  const moves = assigned.flatMap(({ request, nodes }) =>
    nodes.map((node) => ({ node_id: node.id, version: node.version, reason: allocationReason(request) })),
  );
  const epochs = new Map((await assignNodes(tx, moves)).map(({ id, epoch }) => [id, epoch]));
  if (epochs.size !== moves.length) throw new StaleBatch('nodes changed');
  const given = await handOut(
    tx,
    assigned.flatMap((one) => handOutsOf(one, epochs)),
  );
  const requests = new Map(assigned.map(({ request }) => [request.run_id, request.id]));
  const runs = given.flatMap(({ id, kind, subject, ordinal }): RunAssignment[] => {
    const request_id = requests.get(subject as RunId);
    // Of a run on several nodes the first speaks for it.
    if (kind !== 'run' || ordinal !== 0 || request_id === undefined) return [];
    return [{ run_id: subject as RunId, assignment_id: id, request_id }];
  });
  const handed = new Set(await assignRuns(tx, runs));
  for (const run of runs) if (!handed.has(run.run_id)) withoutRun.push(run.request_id);
  if (withoutRun.length > 0) throw new StaleBatch('runs ended');
}

function handOutsOf({ request, nodes }: Assigned, epochs: ReadonlyMap<NodeId, number>): HandOut[] {
  const { id, run_id } = request;
  const what = run_id === null ? { kind: 'request' as const, subject: id } : { kind: 'run' as const, subject: run_id };
  return nodes.map((node, ordinal) => {
    return { ...what, node_id: node.id, epoch: epochs.get(node.id) ?? 0, ordinal, request_id: id };
  });
}

/** Refuses what no configured node type can serve and has waited for one long enough; answers what may go on waiting. */
async function refuseImpossible(services: Services, left: readonly WaitingRequest[]): Promise<WaitingRequest[]> {
  if (left.length === 0) return [];
  const pools = possiblePools(services.config());
  const reasons = new Map<string, string | null>();
  const waiting: WaitingRequest[] = [];
  for (const request of left) {
    const key = [request.waited_ms > REFUSE_AFTER_MS, ...request.expressions].join('\n');
    let reason = reasons.get(key);
    if (reason === undefined) {
      reason = whyRefused(request, pools);
      reasons.set(key, reason);
    }
    if (reason === null) waiting.push(request);
    else await refuse(services, request.id, reason);
  }
  return waiting;
}

async function refuse(services: Services, id: RequestId, reason: string): Promise<void> {
  await services.connection.db.transaction().execute(async (tx) => {
    const refused = await refuseRequest(tx, id, reason);
    // The reaper ends the run of a refused request; this only makes it look sooner.
    if (refused !== undefined && refused.run_id !== null) await notify(tx, 'run', String(refused.run_id));
  });
  services.log.info({ request: id, reason }, 'a request was refused');
}

/** For the node's event: what it was given to, and how long that had waited. */
function allocationReason(request: WaitingRequest): string {
  const work = request.run_id === null ? formatRequestId(request.id) : `run ${request.run_id}`;
  return `${work}, waited ${formatDuration(request.waited_ms)}`;
}
