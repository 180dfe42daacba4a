import { GroundcrewError } from '../../base/errors/error.ts';
import { formatRequestId, type NodeId, type RequestId } from '../../base/ids.ts';
import { formatDuration } from '../../base/units.ts';
import { wantOf } from '../../labels/want.ts';
import type { FleetPlan } from '../../nodes/plan/actions.ts';
import type { Decision } from '../../nodes/plan/decision.ts';
import { planFleet } from '../../nodes/plan.ts';
import type { FleetSnapshot } from '../../nodes/snapshot.ts';
import type { NodeState } from '../../nodes/state.ts';
import { liveHold } from '../../nodes/store/holds.ts';
import { listNodeEvents, type NodeEventRow, readNode } from '../../nodes/store/list.ts';
import { NEVER_UNTIL_AGREED, ONLY_OBSERVES } from '../../protocol/observing.ts';
import { REFUSE_AFTER_MS, whyImpossible } from '../../requests/impossible.ts';
import { findRequest, type RequestRow, usualWait_ms, waitingRequests } from '../../requests/store/life.ts';
import { runsInUse, usualRunLengths } from '../../runs/store/lengths.ts';
import type { Db } from '../../store/schema/database.ts';
import { possiblePools } from '../allocate/possible-pools.ts';
import { OTHER_CONFIGURATION, otherConfigurationPlans } from '../fleet/configuration.ts';
import { planGivingWay } from '../fleet/planner.ts';
import { readFleetSnapshot } from '../fleet/snapshot.ts';
import type { Services } from '../services.ts';
import { AHEAD_MOST, type Estimate, estimateStart, type UseLengths } from './estimate.ts';
import { describeWants, type Explanation, plural } from './explanation.ts';
import { askProviders, type ProviderAnswer } from './provider.ts';

/** Of a provider while nothing is launched: what it would do is no promise. */
const COULD_SERVE = 'could serve it, but nothing is launched';

/** Why a request waits, provider by provider, or how it ended. Errors: GC1002. */
export async function explainRequest(services: Services, id: RequestId): Promise<Explanation> {
  const { db } = services.connection;
  const request = await findRequest(db, id);
  if (request === null) throw new GroundcrewError('GC1002', { kind: 'request', id: formatRequestId(id) });
  if (request.state !== 'waiting') return explainEnd(request);
  const snapshot = withRequest(await readFleetSnapshot(services), request);
  const usual_ms = await usualWait_ms(db, request.expressions);
  const lengths = await readUseLengths(db, request.ahead);
  const plan = await planGivingWay(snapshot);
  if (await otherConfigurationPlans(services)) {
    const explained = explainWaiting(snapshot, request, usual_ms, null, lengths, plan);
    const caution = `But ${OTHER_CONFIGURATION}. What follows is by the configuration of this one.`;
    return { ...explained, sentence: `${explained.sentence} ${caution}` };
  }
  const impossible = whyImpossible(request.expressions, possiblePools(services.config()));
  return explainWaiting(snapshot, request, usual_ms, impossible, lengths, plan);
}

/** What is known of how long nodes stay in use: those of runs, by what their like took of late. */
async function readUseLengths(db: Db, ahead: number): Promise<UseLengths> {
  const usual = await usualRunLengths(db);
  const left_ms = new Map<string, number>();
  for (const { node_id, expression, used_ms } of await runsInUse(db)) {
    const usual_ms = usual.get(expression);
    // One that takes much longer than usual is another kind of run: nobody knows when it ends.
    if (usual_ms !== undefined && used_ms < 2 * usual_ms) left_ms.set(node_id, Math.max(0, usual_ms - used_ms));
  }
  const of_request_ms = new Map<RequestId, number>();
  for (const { id, run_id, expressions } of await waitingRequests(db, Math.min(ahead, AHEAD_MOST))) {
    const usual_ms = usual.get(expressions[0] ?? '');
    if (run_id !== null && usual_ms !== undefined) of_request_ms.set(id, usual_ms);
  }
  return { left_ms, of_request_ms };
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
  return { sentence, decision: null, lines: [], expected: null, data: { request } };
}

/** The snapshot with the request in it, also when it waits behind more than are planned for. */
function withRequest(snapshot: FleetSnapshot, { id, ahead, expressions }: RequestRow): FleetSnapshot {
  const { demand } = snapshot;
  if (demand.some((each) => each.request_id === id)) return snapshot;
  const own = { request_id: id, wants: expressions.map(wantOf) };
  return { ...snapshot, demand: [...demand.slice(0, ahead), own, ...demand.slice(ahead)] };
}

/**
 * Pure: the decision that the planner makes by this snapshot, told to a person; nothing is planned anew here.
 * `impossible`: why no node type of this configuration can serve it, which ends its waiting soon. `plan`: of the same
 * snapshot, where the caller has it already.
 */
export function explainWaiting(
  given: FleetSnapshot,
  request: RequestRow,
  usual_ms: number | null,
  impossible: string | null = null,
  lengths: UseLengths = { left_ms: new Map(), of_request_ms: new Map() },
  plan: FleetPlan = planFleet(withRequest(given, request)),
): Explanation {
  const snapshot = withRequest(given, request);
  const place = plan.decisions.findIndex((decision) => decision.request_id === request.id);
  const decision = plan.decisions[place] as Decision;
  const answers = askProviders(snapshot, decision);
  const ahead = request.ahead === 0 ? '' : ` ${plural(request.ahead, 'request')} before it.`;
  const observing = snapshot.observing ? ` ${ONLY_OBSERVES}` : '';
  const sentence =
    `${formatRequestId(request.id)} wants ${describeWants(request.expressions)}. ` +
    `It has waited ${formatDuration(request.waited_ms)}.${ahead}${observing}`;
  return {
    sentence,
    decision,
    lines: answers.map(({ provider, kind, text }) => {
      return { subject: provider, text: snapshot.observing && kind !== 'cannot' ? COULD_SERVE : text };
    }),
    expected:
      impossible !== null
        ? describeRefusal(request, impossible)
        : snapshot.observing
          ? NEVER_UNTIL_AGREED
          : describeExpected(answers, usual_ms, estimateStart(snapshot, plan.decisions.slice(0, place + 1), lengths)),
    data: { request, usual_ms, impossible, providers: answers, decision },
  };
}

function describeRefusal(request: RequestRow, impossible: string): string {
  const left_ms = Math.max(0, REFUSE_AFTER_MS - request.waited_ms);
  const why = `Nothing that is configured can serve it: ${impossible}`.replace(/(?<![.?])$/, '.');
  return `${why} It is refused in ${formatDuration(left_ms)}, unless the configuration changes until then.`;
}

function describeExpected(
  answers: readonly ProviderAnswer[],
  usual_ms: number | null,
  estimate: Estimate,
): string | null {
  // What a hold or a limit keeps waiting does not wait as usual.
  const moves = answers.some(({ kind }) => kind === 'coming' || kind === 'taken' || kind === 'next');
  const usual = usual_ms === null || !moves ? [] : [`Usually this waits ${formatDuration(usual_ms)}.`];
  const served = answers.some(({ kind }) => kind !== 'cannot');
  const sentences = served ? [...usual, ...describeEstimate(estimate)] : usual;
  return sentences.length === 0 ? null : sentences.join(' ');
}

function describeEstimate(estimate: Estimate): string[] {
  if (estimate.expected_ms === null) {
    return estimate.reason === null ? [] : [`When it gets its nodes cannot be told: ${estimate.reason}.`];
  }
  const { expected_ms, provider, at_most } = estimate;
  const when = `in about ${formatDuration(expected_ms)}`;
  return [at_most ? `Expected: ${when} or sooner, from ${provider}.` : `Expected: ${when}, from ${provider}.`];
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
  return { sentence, decision: null, lines, expected, data: { node, hold, events } };
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
