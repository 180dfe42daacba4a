import { sql } from 'kysely';
import type { FaultClass } from '../../base/faults.ts';
import type { NodeId } from '../../base/ids.ts';
import type { Step } from '../../providers/contract/calls.ts';
import type { Machine } from '../../providers/contract.ts';
import type { Db } from '../../store/schema/database.ts';
import type { NodeState } from '../state.ts';
import { enterState } from './enter.ts';

/** Who owns a provider: goes into every compare-and-set that comes before a call of its driver. */
export interface ProviderLease {
  name: string;
  holder: string;
  epoch: number;
}

/** A node for which the driver has something to do. */
export interface DrivenNode {
  id: NodeId;
  version: number;
  node_type: string;
  labels: string[];
  options: Record<string, unknown>;
  state: NodeState;
  external_id: string | null;
  step: Step | null;
  attempts: number;
  ready: boolean;
  has_console: boolean;
  launched: boolean;
}

/** Nodes of a provider that wait for a call of its driver, oldest first: launches, unfinished ones, deletions. */
export async function dueNodes(db: Db, provider: string, limit: number): Promise<DrivenNode[]> {
  const { rows } = await sql<DrivenNode>`/* prepared due-nodes */
    select id, version, node_type, labels, options, state, external_id, step, attempts, ready_at is not null as ready,
      console is not null as has_console, launched_at is not null as launched
    from nodes
    where provider = ${provider} and (state = 'deleting' or (launched_at is null and state <> 'deleted'))
      and (next_step_at is null or next_step_at <= groundcrew_now())
    order by state = 'deleting' desc, created_at, id limit ${limit}`.execute(db);
  return rows;
}

/**
 * After a take-over: what the process before had under way is called for again at once. The driver's calls may be
 * repeated, also at the same time, and what the other one still writes is refused by its claim.
 */
export async function freeClaims(db: Db, provider: string): Promise<void> {
  await sql`
    update nodes set next_step_at = null
    where provider = ${provider} and (state = 'deleting' or (launched_at is null and state <> 'deleted'))
      and next_step_at > groundcrew_now()`.execute(db);
}

function leaseIsCurrent(lease: ProviderLease) {
  return sql`exists (select 1 from leases where name = ${lease.name} and holder = ${lease.holder}
    and epoch = ${lease.epoch} and expires_at > groundcrew_now())`;
}

export interface Claim {
  id: NodeId;
  claim: number;
}

/** A launch call that is about to be made. */
export interface LaunchCall {
  id: NodeId;
  /** As it was seen when the call became due. */
  version: number;
  timeout_ms: number;
  /** Counts beside those that were given out before: the machine may have any. Null: no further one. */
  new_registration_hash: Buffer | null;
}

/** A destroy call that is about to be made. */
export interface DestroyCall {
  id: NodeId;
  version: number;
  timeout_ms: number;
}

/** The claims in the order of what they were asked for; null where the row said no. */
function inOrder(asked: readonly { id: NodeId }[], rows: readonly Claim[]): (Claim | null)[] {
  const claims = new Map(rows.map((row) => [row.id, row]));
  return asked.map(({ id }) => claims.get(id) ?? null);
}

/**
 * The compare-and-set before launch calls: this process, with this lease, is the one that may call, until the call has
 * timed out. A planned node becomes `launching`. Null: somebody moved the node, or the lease is lost; call nothing.
 */
export async function claimLaunches(
  db: Db,
  calls: readonly LaunchCall[],
  lease: ProviderLease,
): Promise<(Claim | null)[]> {
  const { rows } = await sql<Claim>`/* prepared claim-launches */
    with given as (
      select * from unnest(${calls.map((call) => call.id)}::text[], ${calls.map((call) => call.version)}::bigint[],
        ${calls.map((call) => call.timeout_ms)}::int[],
        ${calls.map((call) => call.new_registration_hash?.toString('hex') ?? null)}::text[])
        as given (id, version, timeout_ms, hash)
    ), seen as (
      select nodes.id, nodes.state, given.timeout_ms, decode(given.hash, 'hex') as hash
      from given join nodes on nodes.id = given.id and nodes.version = given.version
      where nodes.state not in ('deleting', 'deleted') and nodes.launched_at is null
      order by nodes.id for update of nodes
    ), claimed as (
      update nodes set ${enterState({ to: 'launching', when: sql<boolean>`seen.state = 'planned'` })},
        claim = claim + 1,
        next_step_at = groundcrew_now() + seen.timeout_ms * interval '1 ms',
        registration_hashes = case when seen.hash is null
          then registration_hashes else array_append(registration_hashes, seen.hash) end
      from seen where nodes.id = seen.id and ${leaseIsCurrent(lease)}
      returning nodes.id, nodes.claim, nodes.provider, seen.state as before
    ), event as (
      insert into node_events (node_id, state, reason, actor)
      select id, 'launching', 'asked ' || provider || ' for the machine', 'fleet' from claimed where before = 'planned'
    )
    select id, claim from claimed`.execute(db);
  return inOrder(calls, rows);
}

/** The compare-and-set before destroy calls, as `claimLaunches`. */
export async function claimDestroys(
  db: Db,
  calls: readonly DestroyCall[],
  lease: ProviderLease,
): Promise<(Claim | null)[]> {
  const { rows } = await sql<Claim>`/* prepared claim-destroys */
    with seen as (
      select nodes.id, given.timeout_ms
      from unnest(${calls.map((call) => call.id)}::text[], ${calls.map((call) => call.version)}::bigint[],
        ${calls.map((call) => call.timeout_ms)}::int[]) as given (id, version, timeout_ms)
      join nodes on nodes.id = given.id and nodes.version = given.version
      where nodes.state = 'deleting' order by nodes.id for update of nodes
    )
    update nodes set version = version + 1, claim = claim + 1,
      next_step_at = groundcrew_now() + seen.timeout_ms * interval '1 ms'
    from seen where nodes.id = seen.id and ${leaseIsCurrent(lease)}
    returning nodes.id, nodes.claim`.execute(db);
  return inOrder(calls, rows);
}

/**
 * The driver will go on from this step: also that of a launch whose node is on its way out meanwhile, from which the
 * destroy begins, at once.
 */
export async function recordStep(
  db: Db,
  claim: Claim,
  work: 'launch' | 'destroy',
  progress: { step: Step; poll_ms: number },
): Promise<boolean> {
  const counts = work === 'destroy' ? sql`true` : sql`state <> 'deleting'`;
  const { rows } = await sql`
    update nodes set version = version + 1, attempts = 0,
      step = ${JSON.stringify(progress.step)}::jsonb,
      next_step_at = case when ${counts} then groundcrew_now() + ${progress.poll_ms}::float8 * interval '1 ms' end
    where id = ${claim.id} and claim = ${claim.claim} and state <> 'deleted' returning id`.execute(db);
  return rows.length === 1;
}

/** What a launch call answered. */
export interface LaunchAnswer {
  claim: Claim;
  machine: Machine;
}

/**
 * The machines are there. An agent may have reported before: then only its machine's name is written. False: another
 * process claimed the node meanwhile, and the sweep will judge this machine.
 */
export async function recordLaunched(db: Db, answers: readonly LaunchAnswer[]): Promise<boolean[]> {
  const { rows } = await sql<{ id: NodeId }>`/* prepared record-launched */
    with seen as (
      select nodes.id, given.external_id, given.addresses, given.host_keys
      from unnest(${answers.map(({ claim }) => claim.id)}::text[], ${answers.map(({ claim }) => claim.claim)}::bigint[],
        ${answers.map(({ machine }) => machine.external_id)}::text[],
        ${answers.map(({ machine }) => JSON.stringify(machine.addresses))}::jsonb[],
        ${answers.map(({ machine }) => JSON.stringify(machine.host_keys))}::jsonb[])
        as given (id, claim, external_id, addresses, host_keys)
      join nodes on nodes.id = given.id and nodes.claim = given.claim
      where nodes.state <> 'deleted' and nodes.launched_at is null order by nodes.id for update of nodes
    ), launched as (
      update nodes set ${enterState({ to: 'booting', when: sql<boolean>`nodes.state = 'launching'` })},
        external_id = seen.external_id, addresses = seen.addresses, host_keys = seen.host_keys, step = null,
        next_step_at = null, launched_at = groundcrew_now(), attempts = 0
      from seen where nodes.id = seen.id
      returning nodes.id, nodes.state, nodes.provider, nodes.external_id
    ), event as (
      insert into node_events (node_id, state, reason, actor)
      select id, state, provider || ' gave the machine ' || external_id, 'fleet' from launched where state = 'booting'
    )
    select id from launched`.execute(db);
  const recorded = new Set(rows.map((row) => row.id));
  return answers.map(({ claim }) => recorded.has(claim.id));
}

/** The machines are gone: deleting → deleted. False: another process claimed the node meanwhile. */
export async function recordDestroyed(db: Db, claims: readonly Claim[]): Promise<boolean[]> {
  const { rows } = await sql<{ id: NodeId }>`/* prepared record-destroyed */
    with seen as (
      select nodes.id from unnest(${claims.map((claim) => claim.id)}::text[],
        ${claims.map((claim) => claim.claim)}::bigint[]) as given (id, claim)
      join nodes on nodes.id = given.id and nodes.claim = given.claim
      where nodes.state = 'deleting' order by nodes.id for update of nodes
    ), destroyed as (
      update nodes set ${enterState({ to: 'deleted' })}
      from seen where nodes.id = seen.id returning nodes.id, nodes.provider
    ), event as (
      insert into node_events (node_id, state, reason, actor)
      select id, 'deleted', provider || ' has no machine of it any more', 'fleet' from destroyed
    )
    select id from destroyed`.execute(db);
  const recorded = new Set(rows.map((row) => row.id));
  return claims.map((claim) => recorded.has(claim.id));
}

/** The call failed and will be made again after the delay. */
export async function recordRetry(
  db: Db,
  claim: Claim,
  retry: { delay_ms: number; fault: FaultClass; counts: boolean },
): Promise<boolean> {
  const { rows } = await sql`
    update nodes set version = version + 1, fault = ${retry.fault},
      attempts = attempts + ${retry.counts ? 1 : 0}::int,
      next_step_at = groundcrew_now() + ${retry.delay_ms}::float8 * interval '1 ms'
    where id = ${claim.id} and claim = ${claim.claim} and state <> 'deleted' returning id`.execute(db);
  return rows.length === 1;
}

/** The launch is given up under its claim: → deleting with the fault. False: the node is not launching any more. */
export async function recordLaunchFailed(
  db: Db,
  claim: Claim,
  failure: { fault: FaultClass; reason: string },
): Promise<boolean> {
  const { rows } = await sql`
    with failed as (
      update nodes set ${enterState({ to: 'deleting', ...failure })}, next_step_at = null
      where id = ${claim.id} and claim = ${claim.claim} and state = 'launching' returning id
    ), event as (
      insert into node_events (node_id, state, reason, actor)
      select id, 'deleting', ${failure.reason}, 'fleet' from failed
    )
    select id from failed`.execute(db);
  return rows.length === 1;
}

/** The end of what the machine printed, kept with a launch that failed. */
export async function saveConsole(db: Db, id: NodeId, console: string): Promise<void> {
  await sql`update nodes set console = ${console} where id = ${id}`.execute(db);
}
