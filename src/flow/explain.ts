import { GroundcrewError } from '../base/errors/error.ts';
import { formatRequestId, type NodeId, type RequestId } from '../base/ids.ts';
import { formatDuration } from '../base/units.ts';
import { Capacity } from '../nodes/plan/capacity.ts';
import { listNodeEvents, type NodeEventRow, readNode } from '../nodes/queries.ts';
import type { FleetSnapshot } from '../nodes/snapshot.ts';
import type { NodeState } from '../nodes/state.ts';
import { liveHold } from '../nodes/store/holds.ts';
import { NEVER_UNTIL_AGREED, ONLY_OBSERVES } from '../protocol/observing.ts';
import { REFUSE_AFTER_MS, whyImpossible } from '../requests/impossible.ts';
import { storedMatcherOf } from '../requests/matchers.ts';
import { findRequest, type RequestRow, usualWait_ms } from '../requests/store.ts';
import { possiblePools } from './allocate-words.ts';
import { askProviders, type ProviderAnswer } from './explain-provider.ts';
import { describeWants, type Explanation, plural } from './explain-words.ts';
import { OTHER_CONFIGURATION, otherConfigurationPlans } from './fleet-configuration.ts';
import { readFleetSnapshot } from './fleet-snapshot.ts';
import type { Services } from './services.ts';

/** Of a provider while nothing is launched: what it would do is no promise. */
const COULD_SERVE = 'could serve it, but nothing is launched';

/** Why a request waits, provider by provider, or how it ended. Errors: GC1002. */
export async function explainRequest(services: Services, id: RequestId): Promise<Explanation> {
  const { db } = services.connection;
  const request = await findRequest(db, id);
  if (request === null) throw new GroundcrewError('GC1002', { kind: 'request', id: formatRequestId(id) });
  if (request.state !== 'waiting') return explainEnd(request);
  const snapshot = await readFleetSnapshot(db, services.config(), services.deployment.observing);
  const usual_ms = await usualWait_ms(db, request.expressions);
  if (await otherConfigurationPlans(services)) {
    const explained = explainWaiting(snapshot, request, usual_ms);
    const caution = `But ${OTHER_CONFIGURATION}. What follows is by the configuration of this one.`;
    return { ...explained, sentence: `${explained.sentence} ${caution}` };
  }
  const impossible = whyImpossible(request.expressions, possiblePools(services.config()));
  return explainWaiting(snapshot, request, usual_ms, impossible);
}

function explainEnd(request: RequestRow): Explanation {
  const id = formatRequestId(request.id);
  const wants = describeWants(request.expressions);
  const waited = formatDuration(request.waited_ms);
  const ends: Record<string, string> = {
    fulfilled: `${id} wanted ${wants} and got ${(request.node_ids ?? []).join(', ')} after ${waited}.`,
    refused: `${id} wanted ${wants} and was refused: ${request.reason}.`,
    cancelled: `${id} wanted ${wants} and was cancelled after ${waited}: ${request.reason}.`,
  };
  const sentence = (ends[request.state] ?? `${id} is ${request.state}.`).replace(/([.?])\.$/, '$1');
  return { sentence, lines: [], expected: null, data: { request } };
}

/**
 * Pure: the same snapshot that the planner sees, told to a person. `impossible`: why no node type of this configuration
 * can serve it, which ends its waiting soon.
 */
export function explainWaiting(
  snapshot: FleetSnapshot,
  request: RequestRow,
  usual_ms: number | null,
  impossible: string | null = null,
): Explanation {
  const wants = request.expressions.map((expression) => ({ expression, matches: storedMatcherOf(expression) }));
  const answers = askProviders(snapshot, new Capacity(snapshot, new Set()), wants);
  const ahead = request.ahead === 0 ? '' : ` ${plural(request.ahead, 'request')} before it.`;
  const observing = snapshot.observing ? ` ${ONLY_OBSERVES}` : '';
  const sentence =
    `${formatRequestId(request.id)} wants ${describeWants(request.expressions)}. ` +
    `It has waited ${formatDuration(request.waited_ms)}.${ahead}${observing}`;
  return {
    sentence,
    lines: answers.map(({ provider, kind, text }) => {
      return { subject: provider, text: snapshot.observing && kind !== 'cannot' ? COULD_SERVE : text };
    }),
    expected:
      impossible !== null
        ? describeRefusal(request, impossible)
        : snapshot.observing
          ? NEVER_UNTIL_AGREED
          : describeExpected(answers, usual_ms),
    data: { request, usual_ms, impossible, providers: answers },
  };
}

function describeRefusal(request: RequestRow, impossible: string): string {
  const left_ms = Math.max(0, REFUSE_AFTER_MS - request.waited_ms);
  const why = `Nothing that is configured can serve it: ${impossible}`.replace(/(?<![.?])$/, '.');
  return `${why} It is refused in ${formatDuration(left_ms)}, unless the configuration changes until then.`;
}

function describeExpected(answers: readonly ProviderAnswer[], usual_ms: number | null): string | null {
  // What a hold or a limit keeps waiting does not wait as usual.
  const moves = answers.some(({ kind }) => kind === 'coming' || kind === 'taken' || kind === 'next');
  const usual = usual_ms === null || !moves ? '' : `Usually this waits ${formatDuration(usual_ms)}.`;
  let soonest: ProviderAnswer | null = null;
  for (const answer of answers) {
    if (answer.expected_ms === null) continue;
    if (soonest === null || answer.expected_ms < (soonest.expected_ms ?? 0)) soonest = answer;
  }
  if (soonest === null) return usual === '' ? null : usual;
  const when = `Expected: in about ${formatDuration(soonest.expected_ms ?? 0)}, from ${soonest.provider}.`;
  return usual === '' ? when : `${usual} ${when}`;
}

/** Why a node is as it is, and everything that happened to it. Errors: GC1002. */
export async function explainNode(services: Services, id: NodeId): Promise<Explanation> {
  const { db } = services.connection;
  const node = await readNode(db, id);
  if (node === null) throw new GroundcrewError('GC1002', { kind: 'node', id });
  const events = await listNodeEvents(db, id);
  const hold = node.state === 'held' ? await liveHold(db, id) : null;
  const since_ms = Math.max(0, services.clock.now_ms() - node.state_since.getTime());
  const lines = events.map((event) => ({ subject: `${timeOfDay(event.at)} ${event.state}`, text: event.reason }));
  const sentence = nodeSentence({ id, state: node.state as NodeState, provider: node.provider, since_ms, events });
  const expected = hold === null ? null : `The hold lasts ${formatDuration(hold.left_ms)} more.`;
  return { sentence, lines, expected, data: { node, hold, events } };
}

interface NodeStory {
  id: NodeId;
  state: NodeState;
  provider: string;
  since_ms: number;
  events: readonly NodeEventRow[];
}

/** One sentence from the node's state and its events, oldest first. */
export function nodeSentence({ id, state, provider, since_ms, events }: NodeStory): string {
  const since = formatDuration(since_ms);
  const last = events.findLast((event) => event.state === state)?.reason ?? '';
  const first = events[0]?.reason ?? '';
  const ended = events.find((event) => event.state === 'deleting');
  switch (state) {
    case 'planned':
    case 'launching':
    case 'booting':
    case 'checking':
      return `${id} is ${state} at ${provider} since ${since}, made because ${first}.`;
    case 'ready':
      return `${id} has been ready for ${since}: ${last}.`;
    case 'assigned':
    case 'running':
      return `${id} has been ${state} for ${since}: ${last}.`;
    case 'held':
      return `${id} has been held for ${since}: ${last}.`;
    case 'deleting':
      return `${id} is being deleted since ${since} because ${ended?.reason ?? last}.`;
    case 'deleted': {
      const at = events.at(-1)?.at;
      return `${id} was deleted${at === undefined ? '' : ` at ${timeOfDay(at)}`} because ${ended?.reason ?? last}.`;
    }
  }
}

/** `16:20:11`, in UTC. */
function timeOfDay(at: Date): string {
  return at.toISOString().slice(11, 19);
}
