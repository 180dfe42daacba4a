import { signal } from '@preact/signals';
import type { Problem } from '../../src/protocol/api/common.ts';
import { ApiProblem, createClient } from '../../src/protocol/client.ts';

export const api = createClient({ url: '', headers: { 'x-groundcrew-client': 'dashboard' } });

/** False once the server refused the session: the page then says how to sign in. */
export const signedIn = signal(true);

/** A problem for people, whatever was thrown. */
export interface Trouble {
  title: string;
  next: string;
}

export function troubleOf(error: unknown): Trouble {
  if (error instanceof ApiProblem) {
    if (error.problem.status === 401) signedIn.value = false;
    return troubleIn(error.problem);
  }
  return { title: 'The server does not answer.', next: 'It is tried again by itself.' };
}

/** What the server could not do when this page was asked for; it says so in the page's head. */
export function troubleOfPage(): Trouble | null {
  const said = document.querySelector<HTMLMetaElement>('meta[name="groundcrew-problem"]')?.content;
  return said === undefined ? null : troubleIn(JSON.parse(said) as Problem);
}

function troubleIn(problem: Problem): Trouble {
  return { title: `${problem.code}  ${problem.detail}`, next: problem.next };
}
