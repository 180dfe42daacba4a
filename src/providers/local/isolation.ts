import { createHash } from 'node:crypto';

export type IsolationKind = 'bubblewrap' | 'unshare' | 'none';

/**
 * Whose processes the node's are:
 * `switched`: the server is root; agent and payload are two users of the machine, made up for this node;
 * `mapped`: the server is an ordinary user with subordinate ids; the two users are two of those;
 * `same`: both are the server's own user, and the payload has namespaces of its own within the node.
 */
export type UserMode = 'switched' | 'mapped' | 'same';

export interface UserPair {
  agent: number;
  payload: number;
}

export interface Isolation {
  kind: IsolationKind;
  users: UserMode;
  /** Two ids of the machine that belong to the server's user (`mapped` only): as newuidmap and newgidmap give them. */
  subordinate: { first_uid: number; first_gid: number } | null;
}

// Above what systemd hands out (to 1,879,048,191) and below 2^31, so that no person and no container has them.
const FIRST_ID = 1_900_000_000;
const PAIRS = 100_000_000;

/** User ids of the node's two users as the node itself sees them; the group ids are the same numbers. */
export function usersOf(isolation: Isolation, node_id: string): UserPair | null {
  if (isolation.kind === 'none' || isolation.users === 'same') return null;
  if (isolation.users === 'mapped') return { agent: 1, payload: 2 };
  // Two nodes have different users, so that limits and counters of the kernel that go by user keep them apart too.
  const pair = createHash('sha256').update(node_id).digest().readUInt32BE(0) % PAIRS;
  const agent = FIRST_ID + 2 * pair;
  return { agent, payload: agent + 1 };
}

/** The `isolation` of the agent's facts, for people. */
export function describeIsolation(isolation: Isolation): string {
  if (isolation.kind === 'none') return 'none';
  return isolation.users === 'same' ? `${isolation.kind}, one user` : `${isolation.kind}, two users`;
}
