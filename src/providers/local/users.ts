import type { UserPair } from './isolation.ts';

/** Capabilities that the agent keeps: to become the payload's user, to end its processes, to drop what is left. */
export const AGENT_CAPABILITIES = ['setuid', 'setgid', 'kill', 'setpcap'] as const;

const KEPT = `-all,${AGENT_CAPABILITIES.map((name) => `+${name}`).join(',')}`;

/** Arguments that run a program as the agent's user, with those capabilities and no way to gain others. */
export function asAgent(setpriv: string, users: UserPair): string[] {
  return [
    setpriv,
    `--reuid=${users.agent}`,
    `--regid=${users.agent}`,
    // In the payload's group too: so it reads the workspace, which is closed to everybody else.
    `--groups=${users.payload}`,
    `--bounding-set=${KEPT}`,
    `--inh-caps=${KEPT}`,
    `--ambient-caps=${KEPT}`,
    '--no-new-privs',
    '--',
  ];
}

/** Arguments that run a program as the payload's user without any capability. */
export function asPayload(setpriv: string, users: UserPair): string[] {
  return [setpriv, `--reuid=${users.payload}`, `--regid=${users.payload}`, '--clear-groups', ...NO_CAPABILITIES];
}

const NO_CAPABILITIES = ['--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all', '--no-new-privs', '--'];

/** Arguments that run a program as the same user without any capability. */
export function withoutCapabilities(setpriv: string): string[] {
  return [setpriv, ...NO_CAPABILITIES];
}

/** /etc/passwd and /etc/group as the node sees them: its own users, and no trace of the host's people. */
export function accountFiles(users: UserPair | null, own: { uid: number; gid: number }): Map<string, string> {
  const agent = users === null ? null : { uid: users.agent, gid: users.agent };
  const payload = users === null ? own : { uid: users.payload, gid: users.payload };
  const accounts = [
    { name: 'root', uid: 0, gid: 0, home: '/root' },
    ...(agent === null ? [] : [{ name: 'agent', ...agent, home: '/run/groundcrew/private' }]),
    { name: 'payload', ...payload, home: '/home/payload' },
    { name: 'nobody', uid: 65534, gid: 65534, home: '/nonexistent' },
  ].filter((account, index, all) => all.findIndex((other) => other.uid === account.uid) === index);
  const passwd = accounts.map(({ name, uid, gid, home }) => `${name}:x:${uid}:${gid}:${name}:${home}:/bin/sh\n`);
  const group = accounts.map(({ name, gid }) => `${name === 'nobody' ? 'nogroup' : name}:x:${gid}:\n`);
  return new Map([
    ['/etc/passwd', passwd.join('')],
    ['/etc/group', group.join('')],
  ]);
}
