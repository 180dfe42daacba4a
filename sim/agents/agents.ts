import type { NodeId } from '../../src/base/ids.ts';
import { secretHash } from '../../src/base/random.ts';
import type { FleetRows } from '../../src/nodes/rows.ts';
import type { NodeSpec } from '../../src/providers/contract.ts';
import type { Chance } from '../chance.ts';
import type { CloudMachine } from '../clouds/cloud.ts';
import type { Tables } from '../rows/tables.ts';

const SILENT = 0.06;
const FAILS_CHECKS = 0.06;
const MACHINE_STOPS = 0.0006;
const AGENT_DIES = 0.0004;
const HEARTBEAT_MS = 5_000;
const HELD = 0.1;
const HOLD_MS = 90_000;

interface Agent {
  readonly machine: CloudMachine & { spec: NodeSpec };
  readonly node_id: NodeId;
  /** What it does at `at_ms`. */
  next: 'register' | 'check' | 'work' | 'nothing';
  at_ms: number;
  beats_at_ms: number;
  epoch: number;
  dead: boolean;
}

export interface AgentsGround {
  tables: Tables;
  rows: FleetRows;
  chance: Chance;
  say(line: string): void;
  /** Is its machine still there? */
  isThere(machine: CloudMachine): boolean;
}

/** The agents on the clouds' machines, as far as rows know of them: what they say, and when they say nothing more. */
export class Agents {
  readonly #ground: AgentsGround;
  readonly #agents = new Set<Agent>();

  constructor(ground: AgentsGround) {
    this.#ground = ground;
  }

  boot(machine: CloudMachine & { spec: NodeSpec }): void {
    const { tables, chance } = this.#ground;
    const silent = chance.mishap(SILENT);
    this.#agents.add({
      ...{ machine, node_id: machine.spec.node_id, next: silent ? 'nothing' : 'register', dead: silent },
      ...{ at_ms: tables.now_ms() + chance.between(500, 15_000), beats_at_ms: 0, epoch: 0 },
    });
  }

  /** Everybody has a turn. Nobody is heard while no API process lives. */
  async turn(heard: boolean): Promise<void> {
    const { tables } = this.#ground;
    for (const agent of this.#agents) {
      if (!this.#ground.isThere(agent.machine)) this.#agents.delete(agent);
      else if (!this.#breaks(agent) && heard) await this.#speak(agent);
    }
    for (const row of tables.nodes.values()) if (row.state === 'held') this.#maybeRelease(row.id);
  }

  #breaks(agent: Agent): boolean {
    const { chance, say } = this.#ground;
    if (chance.mishap(MACHINE_STOPS)) {
      agent.machine.state = 'stopped';
      agent.dead = true;
      say(`the machine ${agent.machine.external_id} of ${agent.node_id} stopped`);
    } else if (!agent.dead && chance.mishap(AGENT_DIES)) {
      agent.dead = true;
      say(`the agent of ${agent.node_id} died`);
    }
    return agent.dead;
  }

  async #speak(agent: Agent): Promise<void> {
    const { tables, rows } = this.#ground;
    const now_ms = tables.now_ms();
    if (agent.epoch > 0 && now_ms >= agent.beats_at_ms && this.#isCurrent(agent)) {
      agent.beats_at_ms = now_ms + HEARTBEAT_MS;
      await rows.nodesSeen([agent.node_id]);
    }
    if (now_ms < agent.at_ms) return;
    if (agent.next === 'register') await this.#register(agent);
    else if (agent.next === 'check') await this.#check(agent);
    else if (agent.next === 'work') await this.#work(agent);
  }

  #isCurrent({ node_id, epoch }: Agent): boolean {
    return this.#ground.tables.nodes.get(node_id)?.session_epoch === epoch;
  }

  async #register(agent: Agent): Promise<void> {
    const { tables, rows, chance } = this.#ground;
    const token = secretHash(agent.machine.spec.agent.registration_token);
    const node = await rows.registerAgent(token, secretHash(agent.machine.external_id));
    agent.at_ms = tables.now_ms() + chance.between(500, 4_000);
    // Its node may not be claimed yet, or another machine has its place: it dials on.
    if (node === null) return;
    agent.epoch = node.epoch;
    // The welcome may be lost: then it registers again.
    if (chance.mishap(0.1)) return;
    await rows.spendToken(node.id, node.epoch);
    agent.next = 'check';
  }

  async #check(agent: Agent): Promise<void> {
    const { rows, chance } = this.#ground;
    const { node_id, epoch } = agent;
    const failed = chance.mishap(FAILS_CHECKS);
    const task = {
      name: 'disk',
      outcome: failed ? ('failed' as const) : ('ok' as const),
      tries: 1,
      duration_ms: 9,
      detail: '',
    };
    agent.next = 'work';
    if (failed) await rows.preflightFailed({ node_id, epoch, tasks: [task] });
    else await rows.preflightPassed([{ node_id, epoch, tasks: [task] }]);
  }

  /** assigned → running, and running → held or on its way out. */
  async #work(agent: Agent): Promise<void> {
    const { tables, rows, chance } = this.#ground;
    const state = tables.nodes.get(agent.node_id)?.state;
    if (!this.#isCurrent(agent)) return;
    const move = { id: agent.node_id, actor: 'agent' };
    if (state === 'assigned') {
      await rows.move({ ...move, to: 'running', reason: 'its run begins', deadline_after_ms: 300_000 });
      agent.at_ms = tables.now_ms() + chance.between(2_000, 60_000);
    } else if (state === 'running') {
      if (chance.happens(HELD)) await this.#hold(agent.node_id);
      else await rows.move({ ...move, to: 'deleting', reason: 'its run ended' });
    }
  }

  async #hold(id: NodeId): Promise<void> {
    const { tables, rows } = this.#ground;
    const reason = 'its run failed';
    const moved = await rows.move({ id, to: 'held', reason, actor: 'agent', deadline_after_ms: HOLD_MS });
    if (moved) tables.addHold(id, { owner: 'maria', reason, lasts_ms: HOLD_MS });
  }

  /** A person is done earlier than expected. */
  #maybeRelease(id: NodeId): void {
    const { tables, chance } = this.#ground;
    const hold = tables.holds.get(id);
    if (hold !== undefined && chance.happens(0.005)) hold.released_by = 'maria';
  }
}
