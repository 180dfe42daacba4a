import { signal } from '@preact/signals';
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
    return { title: `${error.problem.code}  ${error.problem.detail}`, next: error.problem.next };
  }
  return { title: 'The server does not answer.', next: 'It is tried again by itself.' };
}
