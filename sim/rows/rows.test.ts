import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { NodeId } from '../../src/base/ids.ts';
import { secretHash } from '../../src/base/random.ts';
import type { PlannerRows } from '../../src/flow/fleet/rows.ts';
import type { NodeSnapshot } from '../../src/nodes/snapshot.ts';
import { NODE_STATES, NODE_TRANSITIONS, type NodeState } from '../../src/nodes/state.ts';
import type { Claim, ProviderLease } from '../../src/nodes/store/drive.ts';
import { memoryWorld, sqlWorld, type World } from './testing/worlds.ts';

const task = { name: 'disk', outcome: 'ok' as const, tries: 1, duration_ms: 410, detail: '81 % free' };
const machine = (external_id: string) => ({ external_id, addresses: ['192.0.2.7'], host_keys: [] });
/** Dates have no fractions of a millisecond. */
const nearest = (duration_ms: number): number => Math.round(duration_ms / 10) * 10 || 0;
const TIMEOUT = { timeout_ms: 5_000 };

describe.each([
  { name: 'PostgreSQL', open: sqlWorld },
  { name: 'memory', open: memoryWorld },
])('rows in $name', ({ open }) => {
  let world: World;
  let rows: PlannerRows;
  let made = 0;
  /** Of this test alone. */
  let provider: string;
  let lease: ProviderLease;
  let id: NodeId;

  beforeAll(async () => {
    world = await open();
    rows = world.rows;
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    provider = `p${++made}`;
    lease = await leaseOf('me');
    id = await planned();
  });

  async function leaseOf(holder: string): Promise<ProviderLease> {
    const name = `provider:${provider}`;
    return { name, holder, epoch: (await rows.takeLease(name, holder, 60_000))?.epoch ?? -1 };
  }

  async function planned(): Promise<NodeId> {
    const node_id = `n-${String(++made).padStart(8, '0')}` as NodeId;
    const type = { node_type: 'jammy', labels: ['jammy'], options: { image: 'x' }, takes: { nodes: 1 } };
    const limits = { boot_timeout_ms: 60_000, check_timeout_ms: 20_000, reason: 'wanted' };
    await rows.insertPlanned([{ id: node_id, provider, ...type, ...limits }]);
    return node_id;
  }

  async function node(node_id = id): Promise<NodeSnapshot> {
    return (await rows.moment()).nodes.find((each) => each.id === node_id) as NodeSnapshot;
  }

  async function claimLaunch(more: { version?: number; token?: string; lease?: ProviderLease } = {}) {
    const { version = (await node()).version, token = null } = more;
    const new_registration_hash = token === null ? null : secretHash(`${token} ${id}`);
    return (await rows.claimLaunches([{ id, version, ...TIMEOUT, new_registration_hash }], more.lease ?? lease))[0];
  }

  async function claimDestroy(more: { version?: number; lease?: ProviderLease } = {}) {
    const { version = (await node()).version } = more;
    return (await rows.claimDestroys([{ id, version, ...TIMEOUT }], more.lease ?? lease))[0];
  }

  const move = (to: NodeState, more: object = {}) =>
    rows.move({ id, to, reason: `to ${to}`, actor: 'test', deadline_after_ms: 9_000, ...more });

  /** The whole way, by the calls that lead there. */
  async function bring(to: 'booting' | 'checking' | 'ready'): Promise<number> {
    const claim = (await claimLaunch({ token: 'token' })) as Claim;
    await rows.recordLaunched([{ claim, machine: machine(`m-${id}`) }]);
    if (to === 'booting') return 0;
    const registered = await rows.registerAgent(secretHash(`token ${id}`), secretHash(`session ${id}`));
    const epoch = registered?.epoch ?? -1;
    if (to === 'ready') await rows.preflightPassed([{ node_id: id, epoch, tasks: [task] }]);
    return epoch;
  }

  const pool = async () => (await rows.moment()).pools.find((each) => each.provider === provider);
  const due = async () => (await rows.dueNodes(provider, 10)).map((each) => each.id);

  test('a lease has one holder; each taking is the next epoch, and only its own is renewed or released', async () => {
    const name = `lease of ${provider}`;
    expect(await rows.takeLease(name, 'one', 10_000)).toMatchObject({ epoch: 1 });
    expect(await rows.takeLease(name, 'two', 10_000)).toBeNull();
    await world.pass(9_000);
    expect(await rows.renewLease(name, 'one', 1, 10_000)).toBe(true);
    expect(await rows.renewLease(name, 'two', 1, 10_000)).toBe(false);
    await world.pass(9_000);
    expect(await rows.takeLease(name, 'two', 10_000)).toBeNull();
    await world.pass(2_000);
    expect(await rows.takeLease(name, 'two', 10_000)).toMatchObject({ epoch: 2 });
    expect(await rows.renewLease(name, 'one', 1, 10_000)).toBe(false);
    await rows.releaseLease(name, 'one', 1);
    expect(await rows.takeLease(name, 'one', 10_000)).toBeNull();
    await rows.releaseLease(name, 'two', 2);
    await world.pass(1);
    expect(await rows.takeLease(name, 'one', 10_000)).toMatchObject({ epoch: 3 });
    expect(await rows.takeLease(name, 'one', 10_000)).toMatchObject({ epoch: 4 });
  });

  test('a planned row is what was planned, with its deadline and its first event', async () => {
    const seen = await node();
    expect(seen).toMatchObject({ version: 0, state: 'planned', labels: ['jammy'], takes: { nodes: 1 } });
    expect((seen.deadline_ms ?? 0) - seen.created_at_ms).toBe(600_000);
    expect(await world.events(id)).toEqual([{ state: 'planned', reason: 'wanted', actor: 'fleet' }]);
    expect(await due()).toEqual([id]);
  });

  test('a launch is claimed by version and lease, and its answer written under the last claim, once', async () => {
    expect(await claimLaunch({ version: 7 })).toBeNull();
    expect(await claimLaunch({ lease: { ...lease, epoch: lease.epoch - 1 } })).toBeNull();
    expect(await claimLaunch({ lease: { ...lease, holder: 'other' } })).toBeNull();
    const first = (await claimLaunch()) as Claim;
    expect(first).toMatchObject({ id, claim: 1 });
    expect(await claimLaunch({ version: 0 })).toBeNull();
    expect(await due()).toEqual([]);
    const second = (await claimLaunch()) as Claim;
    expect(await rows.recordLaunched([{ claim: first, machine: machine('m-1') }])).toEqual([false]);
    expect(await rows.recordStep(first, 'launch', { step: { at: 1 }, poll_ms: 0 })).toBe(false);
    expect(await rows.recordRetry(first, { delay_ms: 0, fault: 'transient', counts: true })).toBe(false);
    expect(await rows.recordStep(second, 'launch', { step: { at: 2 }, poll_ms: 3_000 })).toBe(true);
    expect(await due()).toEqual([]);
    await world.pass(3_000);
    expect((await rows.dueNodes(provider, 10))[0]).toMatchObject({ step: { at: 2 }, attempts: 0, state: 'launching' });
    const answer = { claim: second, machine: machine('m-2') };
    expect(await rows.recordLaunched([answer])).toEqual([true]);
    expect(await rows.recordLaunched([answer])).toEqual([false]);
    expect(await node()).toMatchObject({ state: 'booting', version: 4 });
    expect((await world.events(id)).map(({ reason }) => reason)).toEqual([
      ...['wanted', `asked ${provider} for the machine`, `${provider} gave the machine m-2`],
    ]);
    expect(await claimLaunch()).toBeNull();
  });

  test('a lease that lapsed claims nothing; who takes over frees the claims and goes on', async () => {
    const stalled = (await claimLaunch()) as Claim;
    await world.pass(60_001);
    expect(await claimLaunch()).toBeNull();
    const other = { ...(await leaseOf('other')) };
    expect(other.epoch).toBe(lease.epoch + 1);
    await rows.recordRetry(stalled, { delay_ms: 50_000, fault: 'throttled', counts: false });
    expect(await due()).toEqual([]);
    await rows.freeClaims(provider);
    expect(await due()).toEqual([id]);
    expect(await claimLaunch({ lease: other })).toMatchObject({ claim: 2 });
    expect(await claimLaunch()).toBeNull();
  });

  test('failed calls are counted until one gets on, and a launch that is given up leaves its reason', async () => {
    const claim = (await claimLaunch()) as Claim;
    expect(await rows.recordRetry(claim, { delay_ms: 1_000, fault: 'throttled', counts: false })).toBe(true);
    expect(await rows.recordRetry(claim, { delay_ms: 1_000, fault: 'transient', counts: true })).toBe(true);
    await world.pass(1_000);
    expect(await rows.dueNodes(provider, 10)).toMatchObject([{ attempts: 1, version: 3 }]);
    const failure = { provider, node_type: 'jammy', reason: 'it broke', message: 'broken', pause_ms: 0 };
    const given_up = { ...failure, fault: 'transient' as const, failed: true };
    expect(await rows.giveUpLaunch({ id, claim: 9 }, given_up)).toBe(false);
    expect(await pool()).toBeUndefined();
    expect(await rows.giveUpLaunch(claim, given_up)).toBe(true);
    expect(await rows.giveUpLaunch(claim, given_up)).toBe(false);
    expect(await node()).toMatchObject({ state: 'deleting', version: 4 });
    expect(await rows.dueNodes(provider, 10)).toMatchObject([{ attempts: 0, ready: false }]);
    expect((await world.events(id)).at(-1)).toEqual({ state: 'deleting', reason: 'it broke', actor: 'fleet' });
    expect(await pool()).toMatchObject({ failures: 1, fault: 'transient', message: 'broken' });
  });

  test('nodes that were planned before a failure was known count with it; a full cloud is no failure', async () => {
    const second = await planned();
    const failure = { provider, node_type: 'jammy', reason: 'x', message: 'x', pause_ms: 0 };
    const failing = async (
      node_id: NodeId,
      more: { fault: 'transient' | 'quota'; failed: boolean; pause_ms: number },
    ) => {
      id = node_id;
      const claim = (await claimLaunch()) as Claim;
      await world.pass(1_000);
      expect(await rows.giveUpLaunch(claim, { ...failure, ...more })).toBe(true);
      const status = await pool();
      const { clocks } = await rows.moment();
      return [status?.failures, nearest((status?.retry_at?.getTime() ?? 0) - clocks.now_ms)];
    };
    const failed = { fault: 'transient' as const, failed: true, pause_ms: 0 };
    const full = { fault: 'quota' as const, failed: false, pause_ms: 30_000 };
    expect(await failing(id, failed)).toEqual([1, 1_000]);
    expect(await failing(second, failed)).toEqual([1, 0]);
    expect(await failing(await planned(), failed)).toEqual([2, 2_000]);
    expect(await failing(await planned(), full)).toEqual([2, 30_000]);
    expect(await failing(await planned(), { ...full, pause_ms: 10_000 })).toEqual([2, 29_000]);
    expect(await failing(await planned(), { ...failed, pause_ms: 60_000 })).toEqual([3, 60_000]);
    id = await planned();
    await bring('ready');
    expect(await pool()).toMatchObject({ failures: 0, retry_at: null, fault: null });
  });

  test('what is deleted while its launch is under way keeps the step, and is destroyed when that call is over', async () => {
    const claim = (await claimLaunch()) as Claim;
    expect(await move('deleting')).toBe(true);
    expect(await due()).toEqual([]);
    expect(await rows.recordStep(claim, 'launch', { step: { at: 1 }, poll_ms: 60_000 })).toBe(true);
    expect(await rows.dueNodes(provider, 10)).toMatchObject([{ step: { at: 1 }, state: 'deleting' }]);
    expect(await rows.recordDestroyed([claim])).toEqual([true]);
  });

  test('a destroy is claimed by version and lease, and ends the node once, under the last claim', async () => {
    expect(await claimDestroy()).toBeNull();
    await bring('booting');
    await move('deleting');
    expect(await claimDestroy({ version: 1 })).toBeNull();
    expect(await claimDestroy({ lease: { ...lease, holder: 'other' } })).toBeNull();
    const first = (await claimDestroy()) as Claim;
    const second = (await claimDestroy()) as Claim;
    expect(await rows.recordStep(second, 'destroy', { step: { at: 5 }, poll_ms: 2_000 })).toBe(true);
    expect(await due()).toEqual([]);
    await world.pass(2_000);
    expect(await due()).toEqual([id]);
    expect(await rows.recordDestroyed([first])).toEqual([false]);
    expect(await rows.recordDestroyed([second])).toEqual([true]);
    expect(await rows.recordDestroyed([second])).toEqual([false]);
    expect(await rows.recordRetry(second, { delay_ms: 0, fault: 'transient', counts: true })).toBe(false);
    expect(await node()).toBeUndefined();
    expect((await world.events(id)).at(-1)?.reason).toBe(`${provider} has no machine of it any more`);
  });

  test('rows of many nodes are written together, and each answers for itself, in the order that was asked', async () => {
    const ids = [await planned(), id, await planned()];
    const call = { ...TIMEOUT, new_registration_hash: null };
    const calls = ids.map((node_id, index) => ({ ...call, id: node_id, version: index === 1 ? 7 : 0 }));
    const claims = await rows.claimLaunches(calls, lease);
    expect(claims.map((claim) => claim?.id ?? null)).toEqual([ids[0], null, ids[2]]);
    const answers = [{ id, claim: 3 }, ...(claims.filter(Boolean) as Claim[])].map((claim) => {
      return { claim, machine: machine(`m-${claim.id}`) };
    });
    expect(await rows.recordLaunched(answers)).toEqual([false, true, true]);
  });

  test('an agent registers with any token of its launches, until one is spent; another dial is another epoch', async () => {
    await claimLaunch({ token: 'first' });
    await claimLaunch({ token: 'second' });
    const register = (token: string) => rows.registerAgent(secretHash(`${token} ${id}`), secretHash(`s ${id}`));
    expect(await register('unknown')).toBeNull();
    expect(await register('first')).toMatchObject({ id, state: 'checking', epoch: 1, provider, node_type: 'jammy' });
    expect(await register('second')).toBeNull();
    expect(await register('first')).toMatchObject({ state: 'checking', epoch: 2 });
    await rows.spendToken(id, 1);
    expect(await register('first')).toMatchObject({ epoch: 3 });
    await rows.spendToken(id, 3);
    expect(await register('first')).toBeNull();
    // Its machine's name is still learnt.
    const claim = { id, claim: 2 };
    expect(await rows.recordLaunched([{ claim, machine: machine('late') }])).toEqual([true]);
    expect(await node()).toMatchObject({ state: 'checking' });
    expect((await rows.sweepRows(provider)).map(({ external_id }) => external_id)).toEqual(['late']);
  });

  test('checks count for the session that reports; what failed is on its way out, and its node type backs off', async () => {
    const epoch = await bring('checking');
    const passed = { node_id: id, epoch, tasks: [task] };
    expect(await rows.preflightPassed([{ ...passed, epoch: epoch + 1 }])).toEqual([false]);
    expect(await rows.preflightPassed([passed])).toEqual([true]);
    expect(await rows.preflightPassed([passed])).toEqual([false]);
    expect((await world.events(id)).at(-1)?.reason).toBe('pre-flight 410 ms: disk 81 % free ✓');
    id = await planned();
    const failed = { node_id: id, epoch: await bring('checking'), tasks: [{ ...task, outcome: 'failed' as const }] };
    expect(await rows.preflightFailed({ ...failed, epoch: 7 })).toBe(false);
    expect(await rows.preflightFailed(failed)).toBe(true);
    expect(await rows.preflightFailed(failed)).toBe(false);
    expect(await node()).toMatchObject({ state: 'deleting' });
    expect(await pool()).toMatchObject({ failures: 1, message: 'pre-flight failed: disk: 81 % free' });
  });

  test('ready nodes are given once, by the version that was seen, while their agents are heard of', async () => {
    await bring('ready');
    const mine = async () => (await rows.readyNodes(100)).find((each) => each.id === id);
    const { version } = (await mine()) as { version: number };
    expect(await rows.assignNodes([{ node_id: id, version: version - 1, reason: 'r-1' }])).toEqual([]);
    await world.pass(20_001);
    expect(await mine()).toBeUndefined();
    await rows.nodesSeen([id]);
    expect(await mine()).toMatchObject({ version, labels: ['jammy'] });
    const assignment = { node_id: id, version, reason: 'r-1' };
    expect(await rows.assignNodes([assignment])).toEqual([{ id, epoch: 1 }]);
    expect(await rows.assignNodes([assignment])).toEqual([]);
    expect((await world.events(id)).at(-1)).toEqual({ state: 'assigned', reason: 'r-1', actor: 'allocator' });
  });

  test('the moves from each state are those that are listed; others are refused, or rejected when insisted on', async () => {
    await bring('ready');
    expect(await move('running')).toBe(false);
    expect(await move('assigned', { version: 0 })).toBe(false);
    await expect(move('running', { from: 'ready' })).rejects.toThrow(/cannot go from ready to running/);
    const walked: NodeState[] = ['ready'];
    for (const to of ['assigned', 'running', 'held', 'deleting'] as const) {
      for (const other of NODE_STATES) {
        const from = walked.at(-1) as NodeState;
        if (NODE_TRANSITIONS[from].includes(other)) continue;
        expect([from, other, await move(other)]).toEqual([from, other, false]);
      }
      expect(await move(to)).toBe(true);
      walked.push(to);
    }
    expect((await world.events(id)).map(({ state }) => state).slice(-4)).toEqual(walked.slice(1));
  });

  test('each state has its own time; an outage of ours puts off what waits for an agent, and nothing else', async () => {
    const left = async () => {
      const { nodes, clocks } = await rows.moment();
      const seen = nodes.find((each) => each.id === id) as NodeSnapshot;
      return [seen.state, seen.deadline_ms === null ? null : nearest(seen.deadline_ms - clocks.now_ms)];
    };
    const outage = async () => {
      await world.pass(1_000, { outage: true });
      return await left();
    };
    const claim = (await claimLaunch({ token: 'token' })) as Claim;
    expect([await left(), await outage()]).toEqual([
      ['launching', 60_000],
      ['launching', 60_000],
    ]);
    await world.pass(10_000);
    expect(await left()).toEqual(['launching', 50_000]);
    await rows.recordLaunched([{ claim, machine: machine('m') }]);
    expect([await left(), await outage()]).toEqual([
      ['booting', 60_000],
      ['booting', 60_000],
    ]);
    const agent = await rows.registerAgent(secretHash(`token ${id}`), secretHash(`s ${id}`));
    expect([await left(), await outage()]).toEqual([
      ['checking', 20_000],
      ['checking', 20_000],
    ]);
    await rows.preflightPassed([{ node_id: id, epoch: agent?.epoch ?? -1, tasks: [] }]);
    expect(await left()).toEqual(['ready', null]);
    await move('assigned');
    expect([await left(), await outage()]).toEqual([
      ['assigned', 60_000],
      ['assigned', 60_000],
    ]);
    await move('running');
    expect([await left(), await outage()]).toEqual([
      ['running', 9_000],
      ['running', 9_000],
    ]);
    await move('held');
    expect([await left(), await outage()]).toEqual([
      ['held', 9_000],
      ['held', 8_000],
    ]);
    await move('deleting');
    expect(await left()).toEqual(['deleting', 600_000]);
    const { version } = await node();
    expect(await rows.remind({ id, version: 0, reason: 'x', actor: 'fleet', deadline_after_ms: 1 })).toBe(false);
    expect(await rows.remind({ id, version, reason: 'late', actor: 'fleet', deadline_after_ms: 70_000 })).toBe(true);
    expect(await left()).toEqual(['deleting', 70_000]);
    expect((await world.events(id)).at(-1)).toEqual({ state: 'deleting', reason: 'late', actor: 'fleet' });
  });

  test('a node is retired by the version that was seen, with its hold and what its node type has of it', async () => {
    await bring('ready');
    await move('held');
    await world.hold(id, 3_000);
    const node_holds = async () => (await rows.moment()).holds.filter((hold) => hold.node_id === id);
    const [hold] = await node_holds();
    expect((hold?.expires_at_ms ?? 0) - (hold?.created_at_ms ?? 0)).toBe(3_000);
    const seen = await node();
    const retirement = { node: seen, reason: 'its hold ended', failure: null, ends_hold: true };
    expect(await rows.retire({ ...retirement, node: { ...seen, version: 0 } })).toBe(false);
    expect(await node_holds()).toHaveLength(1);
    expect(await rows.retire(retirement)).toBe(true);
    expect(await rows.retire(retirement)).toBe(false);
    expect(await node_holds()).toHaveLength(0);
    expect(await pool()).toMatchObject({ failures: 0 });
    id = await planned();
    await claimLaunch();
    await world.pass(1_000);
    const failed = { node: await node(), reason: 'too late', failure: 'transient' as const, ends_hold: false };
    expect(await rows.retire(failed)).toBe(true);
    expect(await pool()).toMatchObject({ failures: 1, message: 'too late' });
  });

  test('a leak is claimed when it was seen a minute apart, is no machine of a live row, and the lease is there', async () => {
    await bring('booting');
    const leak = { kind: 'machine', external_id: 'twin', node_id: id };
    const note = () => rows.noteLeak({ ...leak, provider, reason: 'another' });
    const claim = (by = lease) => rows.claimLeak(leak, by, provider);
    await note();
    const [known] = await rows.knownLeaks(provider);
    expect(known).toMatchObject({ kind: 'machine', external_id: 'twin', agreed: false });
    await world.pass(30_000);
    await note();
    expect(await claim()).toBeNull();
    lease = await leaseOf('me');
    await world.pass(30_000);
    expect(await claim()).toBeNull();
    await note();
    expect((await rows.knownLeaks(provider))[0]?.first_seen_at_ms).toBe(known?.first_seen_at_ms);
    expect(await claim({ ...lease, epoch: lease.epoch - 1 })).toBeNull();
    expect(await claim()).toEqual({ step: null });
    await rows.recordLeakStep(provider, leak, { at: 1 });
    expect(await claim()).toEqual({ step: { at: 1 } });
    await rows.leakDestroyed(provider, leak);
    expect([await claim(), await rows.knownLeaks(provider)]).toEqual([null, []]);
    await note();
    expect((await rows.knownLeaks(provider))[0]?.first_seen_at_ms).toBe((known?.first_seen_at_ms ?? 0) + 60_000);
    await rows.forgetLeaks(provider, [leak]);
    expect(await rows.knownLeaks(provider)).toEqual([]);
    // The row's own machine is none, whatever was noted.
    const own = { ...leak, external_id: `m-${id}` };
    await rows.noteLeak({ ...own, provider, reason: 'x' });
    await world.pass(60_000);
    await rows.noteLeak({ ...own, provider, reason: 'x' });
    lease = await leaseOf('me');
    expect(await rows.claimLeak(own, lease, provider)).toBeNull();
  });

  test('looks at a provider are kept: machines that stopped, counts, limits, faults and the fuse', async () => {
    await bring('booting');
    await rows.noteStopped({ stopped: [id], resumed: [] });
    expect(await rows.sweepRows(provider)).toEqual([{ id, external_id: `m-${id}`, stopped: true }]);
    expect((await node()).machine_stopped_since_ms).toBe(await rows.now_ms());
    await rows.noteStopped({ stopped: [], resumed: [id] });
    expect((await node()).machine_stopped_since_ms).toBeNull();
    const status = async () => (await rows.moment()).providers.find((each) => each.provider === provider);
    const counts = { machines: 3, strangers: 1, leaked: 1 };
    const takes = { limits: { nodes: 9 }, strangers_take: { nodes: 1 }, leaks_take: {} };
    await rows.recordProviderFault(provider, { fault: 'auth', message: 'no', pause_ms: 10_000 });
    expect(await status()).toMatchObject({ fault: 'auth', message: 'no', listed_at: null });
    await rows.recordListing(provider, { ...counts, ...takes, alarm: null });
    expect(await status()).toMatchObject({ ...counts, ...takes, fault: null, message: null, retry_at: null });
    await rows.recordListing(provider, { ...counts, ...takes, alarm: 'fuse' });
    expect(await status()).toMatchObject({ message: 'fuse', fault: null, retry_at: null });
  });

  test('one plans at a time; what it inserts is there when it is done, and not when it failed', async () => {
    const order: string[] = [];
    const count = async () => (await rows.moment()).nodes.length;
    const before = await count();
    const type = { provider, node_type: 'jammy', labels: ['jammy'], options: {}, takes: {}, reason: 'x' };
    const plan = (name: string, seen: number) =>
      rows.planAlone(async (planning) => {
        order.push(`${name} begins`);
        const node_id = `n-${String(++made).padStart(8, '0')}` as NodeId;
        await planning.insertPlanned([{ id: node_id, ...type, boot_timeout_ms: 1, check_timeout_ms: 1 }]);
        await planning.wakeOwners();
        expect(await count()).toBe(seen);
        order.push(`${name} ends`);
        if (name === 'second') throw new Error('no plan');
      });
    const first = plan('first', before);
    const second = plan('second', before + 1);
    await first;
    await expect(second).rejects.toThrow('no plan');
    expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
    expect(await count()).toBe(before + 1);
  });

  test('requests wait in their order, with how long', async () => {
    const first = await world.ask(['jammy']);
    await world.pass(500);
    const second = await world.ask(['jammy', 'noble && !arm']);
    const { waiting } = await rows.moment();
    expect(waiting).toMatchObject([
      { id: first, expressions: ['jammy'], run_id: null, priority: 0 },
      { id: second, expressions: ['jammy', 'noble && !arm'] },
    ]);
    expect(waiting.map(({ waited_ms }) => nearest(waited_ms))).toEqual([500, 0]);
  });
});
