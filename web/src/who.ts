import { signal } from '@preact/signals';
import type { WhoView } from '../../src/protocol/api/access.ts';
import { api, troubleOf } from './api.ts';

type Role = WhoView['role'];
const RANKS: Readonly<Record<Role, number>> = { viewer: 0, submitter: 1, operator: 2, admin: 3 };

/** Who is signed in; null until it is known. */
export const who = signal<WhoView | null>(null);

export async function readWho(): Promise<void> {
  try {
    who.value = await api.call('whoAmI');
  } catch (error) {
    troubleOf(error);
  }
}

/** Null when the signed-in person may do what needs this role, else why not. */
export function whyNot(needed: Role): string | null {
  const present = who.value;
  if (present === null || RANKS[present.role] >= RANKS[needed]) return null;
  return `needs the role ${needed}, and you are ${present.role}`;
}

/** Ends the browser's session. */
export async function leave(): Promise<void> {
  await api.call('leave');
  location.assign('/');
}
