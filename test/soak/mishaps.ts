import { systemClock } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import { agentProcessOf, firstProcessOf, machinesIn } from '../e2e/harness/leftovers.ts';
import type { World } from '../e2e/harness/world.ts';

const LONGEST_OUTAGE_MS = 5_000;
const LONGEST_STOP_MS = 8_000;

type Mishap = (world: World, random: Random) => Promise<string>;

async function anyMachine(world: World, random: Random): Promise<string> {
  const machines = await machinesIn(world.data);
  const machine = machines[Math.floor(random.fraction() * machines.length)];
  if (machine === undefined) throw new Error('there is no machine');
  return machine;
}

const killServer: Mishap = async (world, random) => {
  const outage_ms = Math.floor(random.fraction() ** 2 * LONGEST_OUTAGE_MS);
  await world.restart(outage_ms);
  return `server killed, back after ${outage_ms} ms`;
};

const killPostgres: Mishap = async (world) => {
  process.kill(world.postgres.pid, 'SIGKILL');
  return 'PostgreSQL killed';
};

const killMachine: Mishap = async (world, random) => {
  const machine = await anyMachine(world, random);
  process.kill(await firstProcessOf(world.data, machine), 'SIGKILL');
  return `machine ${machine} killed`;
};

const killAgent: Mishap = async (world, random) => {
  const machine = await anyMachine(world, random);
  process.kill(agentProcessOf(world.data, machine), 'SIGKILL');
  return `agent of ${machine} killed`;
};

const stopAgent: Mishap = async (world, random) => {
  const machine = await anyMachine(world, random);
  const pid = agentProcessOf(world.data, machine);
  const duration_ms = Math.floor(random.fraction() * LONGEST_STOP_MS);
  process.kill(pid, 'SIGSTOP');
  await systemClock.sleep(duration_ms);
  process.kill(pid, 'SIGCONT');
  return `agent of ${machine} stopped for ${duration_ms} ms`;
};

/** The server most often: it is what a deployment does all day. */
const MISHAPS: readonly Mishap[] = [
  killServer,
  killServer,
  killServer,
  killServer,
  killPostgres,
  killMachine,
  killAgent,
  stopAgent,
];

/** Lets something go wrong; answers what. What is not there to be hit is passed over. */
export async function someMishap(world: World, random: Random): Promise<string> {
  const mishap = MISHAPS[Math.floor(random.fraction() * MISHAPS.length)] as Mishap;
  try {
    return await mishap(world, random);
  } catch (error) {
    if (mishap === killServer) throw error;
    return `nothing: ${(error as Error).message}`;
  }
}
