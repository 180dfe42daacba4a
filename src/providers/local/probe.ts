import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProviderFault } from '../../base/faults.ts';
import type { NodeId } from '../../base/ids.ts';
import type { ProviderContext } from '../contract/calls.ts';
import type { DriverEnvironment, NodeSpec } from '../contract.ts';
import { nodeCommand, payloadCommand } from './command.ts';
import { killAndWait } from './end.ts';
import { makeFiles, makeView, nodeEnvironment } from './files.ts';
import { describeIsolation, type Isolation } from './isolation.ts';
import { type MachineFacts, machineFacts } from './machine.ts';
import type { IsolationChoice } from './options.ts';
import { removeDirectory } from './remove.ts';
import { startNode } from './start.ts';
import { isRunning, nodePaths } from './state-directory.ts';

const TRIAL = 'n-00000000' as NodeId;
const NO_LIMITS = { cores: null, memory_bytes: null, pids: null };
/** A refusal is believed for this long; a success for as long as the process lives. */
const REFUSAL_MS = 30_000;

/** What could work here, best first. A version number or a file's existence proves nothing: each is tried. */
export function candidates(choice: IsolationChoice, machine: MachineFacts): Isolation[] {
  const none: Isolation = { kind: 'none', users: 'same', subordinate: null };
  if (choice === 'none') return [none];
  const kinds = choice === 'auto' ? (['bubblewrap', 'unshare'] as const) : [choice];
  const { tools, uid, subordinate } = machine;
  return kinds
    .filter((kind) => tools[kind] !== null && tools.setpriv !== null)
    .flatMap((kind): Isolation[] => {
      if (uid === 0) return [{ kind, users: 'switched', subordinate: null }];
      const same: Isolation = { kind, users: 'same', subordinate: null };
      return subordinate === null || tools.unshare === null ? [same] : [{ kind, users: 'mapped', subordinate }, same];
    });
}

/** Starts a real node whose payload says one word, and looks whether it was said. Null: it works; else what was wrong. */
async function tryOut(
  isolation: Isolation,
  machine: MachineFacts,
  environment: DriverEnvironment,
  context: ProviderContext,
): Promise<string | null> {
  const root = await mkdtemp(join(tmpdir(), 'groundcrew-trial-'));
  try {
    const paths = nodePaths(root);
    // Its own directory for the socket, data and program: the trial shows the machine's abilities, not the server's files.
    const trial: DriverEnvironment = {
      ...environment,
      data_directory: root,
      agent_socket_directory: join(root, 'socket'),
    };
    await mkdir(trial.agent_socket_directory);
    await chmod(trial.agent_socket_directory, 0o755);
    const agent = { server_url: 'unix:/none', registration_token: 'none' };
    const spec: NodeSpec = { node_id: TRIAL, deployment_id: '', node_type: '', labels: [], options: {}, agent };
    await makeFiles(spec, isolation, machine, trial, paths);
    const view = await makeView(
      TRIAL,
      { node_type: '', mounts: [], memory_bytes: null },
      isolation,
      machine,
      trial,
      paths,
    );
    const program = [...payloadCommand(isolation, machine, TRIAL), 'sh', '-c', 'echo the payload was here'];
    const parts = { node_id: TRIAL, isolation, machine, paths, view, cgroups: [], rlimits: NO_LIMITS, program };
    const node = await startNode(
      nodeCommand(parts),
      isolation,
      paths,
      nodeEnvironment(TRIAL, isolation, paths),
      context,
    );
    const limit = context.clock.after(5000, () => void killAndWait([node.processes.first], context).catch(() => {}), {
      background: true,
    });
    await node.letGo();
    while (await isRunning(node.processes)) await context.clock.sleep(2);
    limit.stop();
    const printed = await readFile(paths.console, 'utf8');
    return printed.includes('the payload was here') ? null : printed.trim().split('\n').slice(-2).join(' / ');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await removeTrial(root);
  }
}

async function removeTrial(root: string): Promise<void> {
  const machine = await machineFacts();
  const users = machine.subordinate === null ? 'same' : 'mapped';
  const isolation: Isolation = { kind: 'bubblewrap', users, subordinate: machine.subordinate };
  const record = { node_id: TRIAL, deployment_id: '', provider: '', isolation, cgroups: [] };
  await removeDirectory(nodePaths(root), record, machine);
  await rm(root, { recursive: true, force: true });
}

interface Answer {
  isolation: Isolation | null;
  tried: string[];
  at_ms: number;
}

const answers = new Map<IsolationChoice, Promise<Answer>>();

async function findAnswer(
  choice: IsolationChoice,
  environment: DriverEnvironment,
  context: ProviderContext,
): Promise<Answer> {
  const machine = await machineFacts();
  const tried: string[] = [];
  for (const isolation of candidates(choice, machine)) {
    if (isolation.kind === 'none') return { isolation, tried, at_ms: context.clock.monotonic_ms() };
    const problem = await tryOut(isolation, machine, environment, context);
    if (problem === null) return { isolation, tried, at_ms: context.clock.monotonic_ms() };
    tried.push(`${describeIsolation(isolation)}: ${problem}`);
    context.log.info({ isolation: describeIsolation(isolation), problem }, 'this isolation does not work here');
  }
  if (tried.length === 0) tried.push('neither bubblewrap nor unshare, with setpriv beside it, is installed');
  return { isolation: null, tried, at_ms: context.clock.monotonic_ms() };
}

/**
 * The best isolation that this machine really gives, found by starting one. Throws ProviderFault `config` that tells
 * what was tried; going without isolation is never our choice.
 */
export async function chooseIsolation(
  provider: string,
  choice: IsolationChoice,
  environment: DriverEnvironment,
  context: ProviderContext,
): Promise<Isolation> {
  const known = await answers.get(choice)?.catch(() => null);
  const stale = known?.isolation === null && context.clock.monotonic_ms() - known.at_ms > REFUSAL_MS;
  if (known === null || stale) answers.delete(choice);
  let answer = answers.get(choice);
  if (answer === undefined) {
    answer = findAnswer(choice, environment, context);
    answers.set(choice, answer);
  }
  const { isolation, tried } = await answer;
  if (isolation !== null) return isolation;
  throw new ProviderFault(
    'config',
    `This machine refuses to isolate nodes. Tried ${tried.join('; ')}. Install bubblewrap and allow namespaces, or ` +
      `accept nodes that see and may change everything that the server's user can: say it aloud with ` +
      `"isolation: none" in providers.${provider}.`,
  );
}
