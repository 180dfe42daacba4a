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

/** Condition over `runs`: this hand-out, of this node, said by the node's newest connection. */
export function isSessionRun(at: SessionRun): RawBuilder<boolean> {
  return sql<boolean>`(runs.id = ${at.run_id} and runs.fence = ${at.fence} and runs.node_id = ${at.node_id}
    and exists (select 1 from nodes where nodes.id = ${at.node_id} and nodes.session_epoch = ${at.epoch}))`;
}
