import { bubblewrapArguments, bubblewrapPayload } from './bubblewrap.ts';
import { rlimitArguments } from './cgroups.ts';
import { type Isolation, usersOf } from './isolation.ts';
import { type MachineFacts, mappedArguments } from './machine.ts';
import type { NodeLimits } from './options.ts';
import { INSIDE } from './places.ts';
import type { NodePaths } from './state-directory.ts';
import { unshareArguments, unsharePayload } from './unshare.ts';
import { asAgent, asPayload, withoutCapabilities } from './users.ts';
import type { ViewStep } from './view.ts';

/** A node's console file takes this many pieces of output of at most 4 KiB each; the rest is dropped. */
export const CONSOLE_PIECES = 1024;
/** Descriptor on which a starting node says that it is up, and waits for the word to go on. */
export const GATE_FD = 3;

/**
 * The first thing inside. It waits for our word, so that a node whose server died before it had written down the
 * processes ends by itself. Arguments: setpriv or nothing, the payload's user, its home, command.
 */
const BOOT = `
echo up >&${GATE_FD}
IFS= read -r word <&${GATE_FD} && [ "$word" = go ] || exit 1
exec ${GATE_FD}>&-
umask 022
if [ -n "$1" ]; then "$1" --reuid="$2" --regid="$2" --clear-groups mkdir -p -m 700 "$3"; else mkdir -p -m 700 "$3"; fi
shift 3
"$@" 2>&1 | { dd bs=4096 count=${CONSOLE_PIECES} 2>/dev/null; exec cat >/dev/null; }
`;

/** Joins the cgroups (0 means the writer itself), then becomes the command. Arguments: cgroups, `--`, command. */
const JOIN = 'while [ "$1" != -- ]; do echo 0 >"$1/cgroup.procs" || exit 1; shift; done; shift; exec "$@"';

/** As a user namespace's root: hands the directories to the node's users. Arguments: private, workspace, command. */
const HAND_OVER = 'chown -R 1:1 "$1" && chown 2:2 "$2" && chmod 2770 "$2" || exit 1; shift 2; exec "$@"';

export interface CommandParts {
  node_id: string;
  isolation: Isolation;
  machine: MachineFacts;
  paths: NodePaths;
  view: readonly ViewStep[];
  cgroups: readonly string[];
  /** Limits that no cgroup keeps. */
  rlimits: NodeLimits;
  /** What runs as the agent. */
  program: readonly string[];
}

function required(tool: string | null, name: string): string {
  if (tool === null) throw new Error(`${name} is not installed`);
  return tool;
}

/** Arguments before every command of the payload: the agent's file carries them as `payload_command`. */
export function payloadCommand(isolation: Isolation, machine: MachineFacts, node_id: string): string[] {
  const { tools } = machine;
  if (isolation.kind === 'none') return [];
  const users = usersOf(isolation, node_id);
  const setpriv = required(tools.setpriv, 'setpriv');
  if (users !== null) return asPayload(setpriv, users);
  if (isolation.kind === 'bubblewrap') return bubblewrapPayload(required(tools.bubblewrap, 'bubblewrap'));
  return unsharePayload(required(tools.unshare, 'unshare'), withoutCapabilities(setpriv));
}

function isolate(parts: CommandParts, inner: readonly string[]): string[] {
  const { isolation, machine, view, paths } = parts;
  if (isolation.kind === 'none') return [...inner];
  const two_users = isolation.users !== 'same';
  const options = { view, hostname: parts.node_id, two_users };
  if (isolation.kind === 'bubblewrap') {
    return [...bubblewrapArguments(required(machine.tools.bubblewrap, 'bubblewrap'), options), ...inner];
  }
  const unshare = required(machine.tools.unshare, 'unshare');
  // bubblewrap takes all capabilities from an ordinary user's node; here setpriv has to.
  const drop = two_users ? [] : withoutCapabilities(required(machine.tools.setpriv, 'setpriv'));
  return [...unshareArguments(unshare, { ...options, mount_point: paths.mount_point }), ...drop, ...inner];
}

/** The whole command line of a node. It holds paths, ids and limits, and nothing secret. */
export function nodeCommand(parts: CommandParts): string[] {
  const { isolation, machine, paths, cgroups } = parts;
  const users = usersOf(isolation, parts.node_id);
  const setpriv = users === null ? '' : required(machine.tools.setpriv, 'setpriv');
  const agent = users === null ? [] : asAgent(setpriv, users);
  const limits = rlimitArguments(machine.tools.prlimit, parts.rlimits);
  const home = isolation.kind === 'none' ? paths.home : INSIDE.home;
  const boot = ['sh', '-c', BOOT, 'node', setpriv, String(users?.payload ?? ''), home];
  const isolated = isolate(parts, [...boot, ...limits, ...agent, ...parts.program]);
  const mapped =
    isolation.users === 'mapped'
      ? [...mappedArguments(machine), 'sh', '-c', HAND_OVER, 'node', paths.private, paths.workspace]
      : [];
  const joined = cgroups.length === 0 ? [] : ['sh', '-c', JOIN, 'node', ...cgroups, '--'];
  return [...joined, ...mapped, ...isolated];
}
