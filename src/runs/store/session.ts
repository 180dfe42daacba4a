import { type RawBuilder, sql } from 'kysely';
import type { NodeId, RunId } from '../../base/ids.ts';

/** Who speaks about which run: every word that changes a row is checked against all four. */
export interface SessionRun {
  run_id: RunId;
  fence: number;
  node_id: NodeId;
  /** Of the agent's connection: a newer connection makes the words of an older one void. */
  epoch: number;
}

/** Condition over `runs`: its last hand-out is this one, to this node, and the node's newest connection says so. */
export function isSessionRun(at: SessionRun): RawBuilder<boolean> {
  return sql<boolean>`(runs.id = ${at.run_id} and runs.assignment_id = (select id from run_assignments given
    where given.run_id = ${at.run_id} and given.fence = ${at.fence} and given.node_id = ${at.node_id}
      and given.epoch = ${at.epoch}))`;
}
