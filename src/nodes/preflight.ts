import type { NodeId } from '../base/ids.ts';
import { formatDuration } from '../base/units.ts';
import type { TaskReport } from '../protocol/agent.ts';
import { notify } from '../store/notify.ts';
import type { Db, Tx } from '../store/schema/database.ts';
import { markReady, savePreflight } from './store/agent.ts';
import { moveNode } from './store/move.ts';
import { recordPoolFailure } from './store/status.ts';

export interface PreflightReport {
  node_id: NodeId;
  /** Of the session that reports. */
  epoch: number;
  tasks: readonly TaskReport[];
}

/**
 * The checks passed: these nodes are ready, in one statement. False: the node is not being checked (any more). The caller
 * wakes the allocator afterwards, since a request that commits meanwhile sees no ready node yet.
 */
export async function preflightPassed(db: Db, reports: readonly PreflightReport[]): Promise<boolean[]> {
  const passed = reports.map((report) => ({ ...report, reason: describeTasks(report.tasks) }));
  const epochs = new Map((await markReady(db, passed)).map(({ node_id, epoch }) => [node_id, epoch]));
  return reports.map(({ node_id, epoch }) => epochs.get(node_id) === epoch);
}

/** A check failed: the node is replaced, and no job ever sees it. False: the node is not being checked (any more). */
export async function preflightFailed(tx: Tx, report: PreflightReport): Promise<boolean> {
  const node = await savePreflight(tx, report.node_id, report.epoch, report.tasks);
  if (node === null) return false;
  const reason = describeFailure(report.tasks);
  const moved = await moveNode(tx, {
    id: report.node_id,
    version: node.version,
    to: 'deleting',
    reason,
    actor: 'agent',
    fault: 'transient',
  });
  if (!moved) return false;
  const { provider, node_type, created_at: planned_at } = node;
  await recordPoolFailure(tx, { provider, node_type, fault: 'transient', message: reason, planned_at, pause_ms: 0 });
  await notify(tx, 'fleet', report.node_id);
  await notify(tx, 'node', report.node_id);
  return true;
}

/** `pre-flight failed: toolchain: no gcc here`: the cause alone; the node's own page has the whole list. */
export function describeFailure(tasks: readonly TaskReport[]): string {
  const failed = tasks.filter(({ outcome }) => outcome !== 'ok');
  const causes = failed.map(({ name, outcome, detail }) => `${name}: ${detail === '' ? outcome : detail}`);
  return causes.length === 0 ? 'pre-flight failed' : `pre-flight failed: ${causes.join('; ')}`;
}

/** `pre-flight 0.4 s: network ✓ disk 81 % free ✓`, when all of it passed. */
export function describeTasks(tasks: readonly TaskReport[]): string {
  const total_ms = tasks.reduce((sum, task) => sum + task.duration_ms, 0);
  const parts = tasks.map((task) => {
    const detail = task.detail === '' ? '' : ` ${task.detail}`;
    return `${task.name}${detail} ${task.outcome === 'ok' ? '✓' : '✗'}`;
  });
  return `pre-flight ${formatDuration(total_ms)}${parts.length === 0 ? '' : `: ${parts.join(' ')}`}`;
}
