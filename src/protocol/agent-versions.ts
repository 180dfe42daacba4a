/** Versions of what agent and server say to each other (`agent.ts`), both ends included. */
export interface VersionRange {
  readonly oldest: number;
  readonly newest: number;
}

/** A server goes on with agents a version behind: nodes outlive its upgrades. */
export const SERVER_VERSIONS: VersionRange = { oldest: 1, newest: 2 };
export const AGENT_VERSIONS: VersionRange = { oldest: 2, newest: 2 };

/**
 * What an agent can do beyond its version, by name, so that a server asks nothing else of it. `slots`: several runs at once.
 * A name that the other end does not know is passed over.
 */
export const AGENT_CAPABILITIES: readonly string[] = ['slots'];

/** The newest version that both speak; null when there is none. */
export function agreedVersion(left: VersionRange, right: VersionRange): number | null {
  const version = Math.min(left.newest, right.newest);
  return version >= Math.max(left.oldest, right.oldest) ? version : null;
}

/** `2`, or `1 to 2`. */
export function describeVersions({ oldest, newest }: VersionRange): string {
  return oldest === newest ? String(newest) : `${oldest} to ${newest}`;
}
