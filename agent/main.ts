import './start.ts';
import { existsSync, rmSync } from 'node:fs';
import { systemClock } from '../src/base/clock.ts';
import { describeCauses, GroundcrewError, messageOf } from '../src/base/errors/error.ts';
import type { Log } from '../src/base/log.ts';
import { systemRandom } from '../src/base/random.ts';
import type { Context } from './context.ts';
import { openDiary } from './diary.ts';
import { identity, processTable } from './processes/table.ts';
import { readAgentFile } from './settings.ts';
import { type KeptState, newState } from './turn/kept.ts';
import { readState } from './turn/kept-file.ts';
import { Session } from './turn/session.ts';

/** How long a machine that is going away waits for the run to be handed back, beyond the payload's own grace. */
const PREEMPTION_MS = 10_000;

/**
 * The first start reads the agent file, keeps it in the state file (0600) and only then deletes it, so that a SIGKILL
 * between any two lines loses nothing. Later starts go on from the state file.
 */
function loadState(environment: NodeJS.ProcessEnv, log: Log): KeptState {
  const file = environment.GROUNDCREW_AGENT_FILE;
  if (file !== undefined && existsSync(file)) {
    const settings = readAgentFile(file);
    const state = existsSync(settings.state_file)
      ? readState(settings.state_file, log)
      : newState(settings, processTable().map(identity), log);
    state.write();
    rmSync(file, { force: true });
    return state;
  }
  const stateFile = environment.GROUNDCREW_STATE_FILE;
  if (stateFile !== undefined && existsSync(stateFile)) return readState(stateFile, log);
  throw new GroundcrewError('GC1902', { file: file ?? 'GROUNDCREW_AGENT_FILE', detail: 'there is no such file' });
}

async function agentMain(): Promise<number> {
  const log = openDiary(systemClock);
  try {
    const state = loadState(process.env, log);
    const context: Context = {
      clock: systemClock,
      random: systemRandom,
      log,
      settings: state.value.settings,
      limits: state.value.settings.limits,
      state,
      baseline: new Set(state.value.baseline),
      payloads: new Set(),
      shells: new Set(),
      program: [process.execPath, ...process.execArgv, process.argv[1] as string],
    };
    const session = new Session(context);
    const preempt = (): void => void session.preempt('the machine is going away', PREEMPTION_MS);
    process.once('SIGTERM', preempt);
    process.once('SIGINT', preempt);
    const reason = await session.live();
    log.info({ reason }, 'the agent ends');
    return 0;
  } catch (error) {
    log.error({ reason: describeCauses(error) }, 'the agent ends');
    const next = error instanceof GroundcrewError ? `\n${error.code}  ${error.message}\n        ${error.next}\n` : '';
    process.stderr.write(next || `${messageOf(error)}\n`);
    return 1;
  }
}

/** Loaded only by the child that it is: what unpacks archives and matches globs costs the agent itself no memory. */
async function workspace(words: readonly string[]): Promise<number> {
  const { workspaceMain } = await import('./workspace/main.ts');
  return await workspaceMain(words);
}

process.exitCode = process.argv[2] === 'workspace' ? await workspace(process.argv.slice(3)) : await agentMain();
process.exit();
