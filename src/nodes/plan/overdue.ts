import { formatDuration } from '../../base/units.ts';
import type { FleetSnapshot, HoldSnapshot, NodeSnapshot } from '../snapshot.ts';
import type { NodeState } from '../state.ts';
import { type FleetAction, retire } from './actions.ts';

/** An agent that says nothing for this long (API-alive time) while its node is checked or ready has vanished. */
export const VANISHED_AFTER_MS = 60_000;

/** From the first listing that calls a machine stopped to the last: longer than from one to the next. */
export const STOPPED_FOR_MS = 15_000;

/** States in which something is still to come from the agent; a held node is a person's. */
const WAITS_FOR_AGENT: ReadonlySet<NodeState> = new Set(['booting', 'checking', 'ready', 'assigned', 'running']);

/** Nodes whose state is overdue, whose agent vanished, whose machine stopped, or whose hold ended. */
export function planOverdue(snapshot: FleetSnapshot): FleetAction[] {
  const holds = new Map(snapshot.holds.map((hold) => [hold.node_id, hold]));
  const actions: FleetAction[] = [];
  for (const node of snapshot.nodes) {
    const action = judge(snapshot, node, holds.get(node.id));
    if (action !== null) actions.push(action);
  }
  return actions;
}

function judge(snapshot: FleetSnapshot, node: NodeSnapshot, hold: HoldSnapshot | undefined): FleetAction | null {
  if (node.state === 'held') return judgeHold(snapshot, node, hold);
  const gone = stopped(snapshot, node) ?? vanished(snapshot, node);
  if (gone !== null) return gone;
  if (node.deadline_ms === null || node.deadline_ms > snapshot.now_ms) return null;
  const waited = formatDuration(snapshot.now_ms - node.state_since_ms);
  const late = (reason: string, failure: 'transient' | null): FleetAction => {
    return { kind: 'retire', node, cause: 'overdue', reason, failure };
  };
  switch (node.state) {
    case 'planned':
      return late(`${node.provider} did not begin to launch it within ${waited}`, null);
    case 'launching':
      return late(`${node.provider} did not finish launching it within ${waited}`, 'transient');
    case 'booting':
      return late(`its agent did not report within ${waited} of its launch`, 'transient');
    case 'checking':
      return late(`its pre-flight did not end within ${waited}`, 'transient');
    case 'assigned':
      return late(`nothing started on it within ${waited} of its assignment`, null);
    case 'running':
      return late(`its run did not end within ${waited}`, null);
    case 'deleting':
      return { kind: 'remind', node, reason: `still not deleted after ${waited}; trying on` };
    default:
      return null;
  }
}

function judgeHold(snapshot: FleetSnapshot, node: NodeSnapshot, hold: HoldSnapshot | undefined): FleetAction | null {
  if (hold === undefined) return retire(node, 'hold_over', 'its hold was released');
  if (hold.expires_at_ms > snapshot.now_ms) return null;
  const length = formatDuration(hold.expires_at_ms - hold.created_at_ms);
  return retire(node, 'hold_over', `its hold ended (${length}, owner ${hold.owner}, ${hold.reason})`);
}

/**
 * Waiting on for what cannot come any more would take the whole boot timeout, or the lease of a run. Only the time up to
 * the last listing counts: a word of before an outage, ours or the provider's, tells nothing of now. An agent that speaks
 * proves the listing wrong.
 */
function stopped(snapshot: FleetSnapshot, node: NodeSnapshot): FleetAction | null {
  if (!WAITS_FOR_AGENT.has(node.state)) return null;
  const listed_at_ms = snapshot.providers.get(node.provider)?.listed_at_ms ?? null;
  if (node.machine_stopped_since_ms === null || listed_at_ms === null) return null;
  const stopped_ms = listed_at_ms - node.machine_stopped_since_ms;
  const silence_ms = node.agent_seen_alive_ms === null ? null : snapshot.alive_ms - node.agent_seen_alive_ms;
  if (stopped_ms < STOPPED_FOR_MS || (silence_ms !== null && silence_ms < STOPPED_FOR_MS)) return null;
  return {
    kind: 'retire',
    node,
    cause: 'vanished',
    reason: `${node.provider} has called its machine stopped for ${formatDuration(stopped_ms)}`,
    failure: node.state === 'booting' || node.state === 'checking' ? 'transient' : null,
  };
}

function vanished(snapshot: FleetSnapshot, node: NodeSnapshot): FleetAction | null {
  if (node.state !== 'ready' && node.state !== 'checking') return null;
  if (node.agent_seen_alive_ms === null) return null;
  const silence_ms = snapshot.alive_ms - node.agent_seen_alive_ms;
  if (silence_ms <= VANISHED_AFTER_MS) return null;
  return {
    kind: 'retire',
    node,
    cause: 'vanished',
    reason: `its agent has not been heard of for ${formatDuration(silence_ms)}`,
    failure: node.state === 'checking' ? 'transient' : null,
  };
}
