import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { NODE_ACTIONS, type NodeAction, type NodeState } from '../../../../src/nodes/state.ts';
import { api } from '../../api.ts';
import { Action } from '../../parts/action.tsx';
import { who, whyNot } from '../../who.ts';

const HOUR_MS = 3_600_000;
const DURATIONS = [
  [HOUR_MS, '1 h', '1h'],
  [8 * HOUR_MS, '8 h', '8h'],
  [24 * HOUR_MS, '1 d', '1d'],
  [72 * HOUR_MS, '3 d', '3d'],
] as const;
const USUAL_MS = 8 * HOUR_MS;

/** Why this cannot be done to a node in its state, or by this person; null when it can. */
export function whyNotNow(action: NodeAction, { state, owner }: Acting['node']): string | null {
  const states: readonly string[] = NODE_ACTIONS[action];
  if (!states.includes(state)) return `a node that is ${state as NodeState} cannot; it must be ${states.join(' or ')}`;
  const isOwn = action === 'extend' || action === 'release' ? owner === who.value?.name : false;
  return whyNot(isOwn ? 'submitter' : 'operator');
}

interface Acting {
  /** `owner`: of its hold, who needs no role above submitter to extend and end it. */
  node: { id: string; state: string; owner?: string | undefined };
  onDone(): void;
}

/** What a person may do to a node; what is not possible now says why. */
export function NodeActions(properties: Acting): JSX.Element {
  return (
    <span class="actions">
      <HoldAction {...properties} action="hold" />
      <HoldAction {...properties} action="extend" />
      <ReleaseAction {...properties} />
      <Action
        name="Delete"
        why_not={whyNotNow('delete', properties.node)}
        question={`Delete ${properties.node.id}? What runs on it ends, and the machine is gone.`}
        command={`npx groundcrew node delete ${properties.node.id}`}
        act={async () => await api.call('deleteNode', { path: { id: properties.node.id } })}
        onDone={properties.onDone}
      />
    </span>
  );
}

export function ReleaseAction(properties: Acting): JSX.Element {
  const { id } = properties.node;
  return (
    <Action
      name="Release"
      why_not={whyNotNow('release', properties.node)}
      question={`Release ${id}? The machine and what is on it are deleted.`}
      command={`npx groundcrew node release ${id}`}
      act={async () => await api.call('releaseHold', { path: { id } })}
      onDone={properties.onDone}
    />
  );
}

/** Keep a node, or keep it longer. */
export function HoldAction(properties: Acting & { action: 'hold' | 'extend' }): JSX.Element {
  const { action, node } = properties;
  const [duration_ms, setDuration] = useState<number>(USUAL_MS);
  const [reason, setReason] = useState('');
  const word = DURATIONS.find(([each]) => each === duration_ms)?.[2] ?? '8h';
  const isHold = action === 'hold';
  const body = { duration_ms, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) };
  return (
    <Action
      name={isHold ? 'Hold' : 'Extend'}
      why_not={whyNotNow(action, node)}
      question={isHold ? `Keep ${node.id} for yourself?` : `Keep ${node.id} for longer?`}
      command={`npx groundcrew node ${action} ${node.id} --for ${word}`}
      act={async () => await api.call(isHold ? 'holdNode' : 'extendHold', { path: { id: node.id }, body })}
      onDone={properties.onDone}
    >
      <p>
        <label>
          For{' '}
          <select value={String(duration_ms)} onChange={(event) => setDuration(Number(event.currentTarget.value))}>
            {DURATIONS.map(([each, text]) => (
              <option key={each} value={String(each)}>
                {text}
              </option>
            ))}
          </select>{' '}
          from now
        </label>
      </p>
      <p>
        <label>
          Reason{' '}
          <input
            value={reason}
            maxLength={500}
            placeholder="what you look for"
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
      </p>
    </Action>
  );
}
