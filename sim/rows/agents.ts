import { describeFailure, describeTasks } from '../../src/nodes/preflight.ts';
import type { AgentRows } from '../../src/nodes/rows.ts';
import type { AgentNode } from '../../src/nodes/store/agent.ts';
import { FRESH_WITHIN_MS, type ReadyNode } from '../../src/nodes/store/assign.ts';
import { notePoolSound, recordPoolFailure } from './statuses.ts';
import type { NodeRow, Tables } from './tables.ts';

/** As `src/nodes/store/{agent,assign}.ts` and `preflight.ts`. */
export function agentRows(tables: Tables): AgentRows {
  const checked = (id: NodeRow['id'], epoch: number): NodeRow | undefined => {
    const row = tables.nodes.get(id);
    return row?.state === 'checking' && row.session_epoch === epoch ? row : undefined;
  };
  return {
    registerAgent: async (token, session) => registerAgent(tables, token.toString('hex'), session.toString('hex')),
    async spendToken(id, epoch) {
      const row = tables.nodes.get(id);
      if (row?.session_epoch === epoch) row.registration_hashes = null;
    },
    async nodesSeen(ids) {
      for (const id of ids) {
        const row = tables.nodes.get(id);
        if (row !== undefined) row.agent_seen_alive_ms = tables.alive_ms;
      }
    },
    async preflightPassed(reports) {
      return reports.map(({ node_id, epoch, tasks }) => {
        const row = checked(node_id, epoch);
        if (row === undefined) return false;
        tables.enter(row, 'ready');
        row.agent_seen_alive_ms = tables.alive_ms;
        tables.say(row, describeTasks(tasks), 'agent');
        notePoolSound(tables, row, tables.now_ms() - row.created_at);
        return true;
      });
    },
    async preflightFailed({ node_id, epoch, tasks }) {
      const row = checked(node_id, epoch);
      if (row === undefined) return false;
      const reason = describeFailure(tasks);
      tables.enter(row, 'deleting', { reason, fault: 'transient' });
      tables.say(row, reason, 'agent');
      const failure = { fault: 'transient' as const, message: reason, planned_at_ms: row.created_at, pause_ms: 0 };
      recordPoolFailure(tables, { provider: row.provider, node_type: row.node_type, ...failure });
      return true;
    },
    readyNodes: async (most) => readyNodes(tables, most),
    async assignNodes(assignments) {
      return assignments.flatMap(({ node_id, version, reason }) => {
        const row = tables.nodes.get(node_id);
        if (row?.state !== 'ready' || row.version !== version) return [];
        tables.enter(row, 'assigned');
        tables.say(row, reason, 'allocator');
        return [{ id: row.id, epoch: row.session_epoch }];
      });
    },
  };
}

function registerAgent(tables: Tables, token: string, session: string): AgentNode | null {
  const row = [...tables.nodes.values()].find(({ state, registration_hashes }) => {
    const waits = state === 'launching' || state === 'booting' || state === 'checking';
    return waits && registration_hashes?.includes(token);
  });
  if (row === undefined) return null;
  if (row.state === 'checking') {
    row.version += 1;
    tables.say(row, 'its agent reported again: it did not hear the welcome', 'agent');
  } else {
    tables.enter(row, 'checking');
    tables.say(row, 'its agent reported; pre-flight begins', 'agent');
  }
  row.registration_hashes = [token];
  row.session_hash = session;
  row.session_epoch += 1;
  row.agent_seen_alive_ms = tables.alive_ms;
  const { id, state, provider, node_type, session_epoch: epoch } = row;
  return { id, state, provider, node_type, epoch };
}

/** At most so many of each pool, oldest first. */
function readyNodes(tables: Tables, most: number): ReadyNode[] {
  const fresh = [...tables.nodes.values()].filter(
    ({ state, agent_seen_alive_ms }) =>
      state === 'ready' && agent_seen_alive_ms !== null && agent_seen_alive_ms >= tables.alive_ms - FRESH_WITHIN_MS,
  );
  fresh.sort((a, b) => (a.ready_at ?? 0) - (b.ready_at ?? 0) || (a.id < b.id ? -1 : 1));
  const taken = new Map<string, number>();
  return fresh.flatMap(({ id, version, labels, provider, node_type }) => {
    const count = taken.get(`${provider}/${node_type}`) ?? 0;
    taken.set(`${provider}/${node_type}`, count + 1);
    return count < most ? [{ id, version, labels: [...labels] }] : [];
  });
}
